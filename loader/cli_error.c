// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What the command says when it cannot: one sentence, and its exit code.
 *
 * A sentence is kept until main() tells it, so that everything the command holds
 * is given back first. It goes to standard error as a line, or with -j to
 * standard output as an object.
 */
#include "cli.h"

#include <json-c/json.h>
#include <stdarg.h>
#include <string.h>

void cli_clear(struct cli *cli)
{
	free(cli->error);
	cli->error = NULL;
}

/* Words of the command line may hold anything; what they become must stay one line. */
static char *one_line(const char *text)
{
	size_t size = strlen(text) * 4 + 1;
	char *line = malloc(size);

	return line ? text_clean(line, size, text) : NULL;
}

int cli_fail(struct cli *cli, enum daisy_error_kind kind, int code, const char *format, ...)
{
	auto_(mem) char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		text = NULL;
	va_end(arguments);
	free(cli->error);
	cli->error = text ? one_line(text) : NULL;
	cli->kind = kind;
	return code;
}

int cli_fail_library(struct cli *cli, int code)
{
	enum daisy_error_kind kind = daisy_error_kind();
	const char *text = daisy_error_text();

	if (kind == DAISY_ERROR_NONE)
		kind = DAISY_ERROR_FAILED;
	return cli_fail(cli, kind, code, "%s", *text ? text : strerror(-code));
}

static int report_json(const char *text, int code)
{
	struct json_object *object = json_object_new_object();
	const char *name = strerrorname_np(-code);

	if (object) {
		json_object_object_add(object, "error", json_object_new_string(text));
		json_object_object_add(object, "errno", json_object_new_string(name ? name : "EIO"));
	}
	return cli_print_json(object);
}

int cli_report(struct cli *cli, int code)
{
	const char *text = cli->error ? cli->error : strerror(-code);

	if (cli->answered)
		return cli->kind;
	/* Whoever reads standard output may be what failed: then the line is all that is left. */
	if (!cli->json || ferror(stdout) || report_json(text, code) < 0)
		fprintf(stderr, "%s%s\n", cli->of_file ? "" : "daisy: ", text);
	return cli->kind ? (int)cli->kind : DAISY_ERROR_FAILED;
}
