// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The answer, on standard output, and whether it got there. How a chain or a
 * change looks is the library's business.
 */
#include "cli.h"

#include <json-c/json.h>
#include <string.h>

int cli_open(struct cli *cli, struct daisy **ret_daisy)
{
	struct daisy_options options = { .size = sizeof(options), .netns = cli->netns, .owner = cli->owner };
	int r;

	r = daisy_new(&options, ret_daisy);
	return r < 0 ? cli_fail_library(cli, r) : 0;
}

/* 0, or why something written to stdout did not go out. */
static int output_flush(void)
{
	if (fflush(stdout) != 0)
		return -errno;
	return ferror(stdout) ? -EIO : 0;
}

/* @done: a change that stands although nobody could be told. */
static int output_end(struct cli *cli, int r, bool done)
{
	int lost = output_flush();

	if (r == 0 && lost == 0)
		return 0;
	if (lost == 0)
		return cli_fail_library(cli, r);
	/* The writer, which flushed first, knows why; a second flush may have nothing left to try. */
	if (r < 0)
		lost = r;
	return cli_fail(cli, DAISY_ERROR_FAILED, lost, "%sthe answer cannot be written: %s",
			done ? "done, but " : "", strerror(-lost));
}

int cli_written(struct cli *cli, int r)
{
	return output_end(cli, r, false);
}

int cli_answer(struct cli *cli, int r, const struct daisy_outcome *outcome, bool dry_run)
{
	if (r < 0)
		return cli_fail_library(cli, r);
	r = cli->json ? daisy_outcome_json(outcome, stdout) : daisy_outcome_text(outcome, stdout);
	return output_end(cli, r, !dry_run);
}

int cli_print_json(struct json_object *object)
{
	const char *text;

	text = object ? json_object_to_json_string_ext(object, JSON_C_TO_STRING_SPACED |
						       JSON_C_TO_STRING_NOSLASHESCAPE) : NULL;
	if (text)
		puts(text);
	json_object_put(object);
	return text ? output_flush() : -ENOMEM;
}

bool cli_colour(void)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && (!no_color || !*no_color) && (!term || strcmp(term, "dumb") != 0);
}
