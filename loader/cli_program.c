// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * PROGRAM: where a filter's code comes from. Classic bytecode and expressions are
 * read for their form only: nothing runs them yet.
 */
#include "cli.h"

#include <string.h>

#define BYTECODE_MAX 4096	/* BPF_MAXINSNS */

int request_program_obj(struct cli *cli, struct request *request)
{
	request->program.kind = DAISY_SOURCE_OBJECT;
	return cli_take(cli, "FILE", &request->program.path);
}

int request_program_pinned(struct cli *cli, struct request *request)
{
	request->program.kind = DAISY_SOURCE_PINNED;
	return cli_take(cli, "PATH", &request->program.path);
}

int request_program_id(struct cli *cli, struct request *request)
{
	request->program.kind = DAISY_SOURCE_ID;
	return cli_take_number(cli, 1, UINT32_MAX, &request->program.id);
}

/* "c t f k", taken apart: code, both jumps and the value of one instruction. */
static bool instruction_valid(char *text)
{
	static const uint32_t most[] = { UINT16_MAX, UINT8_MAX, UINT8_MAX, UINT32_MAX };
	size_t i = 0;
	char *field;
	uint64_t value;

	while ((field = strsep(&text, " "))) {
		if (!*field)
			continue;
		if (i == ARRAY_SIZE(most) || text_number(field, most[i], &value) < 0)
			return false;
		i++;
	}
	return i == ARRAY_SIZE(most);
}

/* "N,c t f k,...", taken apart. A comma at the end is what tcpdump -ddd | tr '\n' , leaves there. */
static bool bytecode_valid(char *text)
{
	const char *count = strsep(&text, ",");
	uint64_t wanted, got = 0;
	char *instruction;

	if (text_number(count, BYTECODE_MAX, &wanted) < 0)
		return false;
	while ((instruction = strsep(&text, ","))) {
		if (!*instruction && !text)
			break;
		if (!instruction_valid(instruction))
			return false;
		got++;
	}
	return got > 0 && got == wanted;
}

int request_program_bytecode(struct cli *cli, struct request *request)
{
	auto_(mem) char *copy = NULL;
	const char *word;
	int r;

	r = cli_take(cli, "\"N,c t f k,...\"", &word);
	if (r < 0)
		return r;
	copy = strdup(word);
	if (!copy)
		return cli_fail(cli, DAISY_ERROR_FAILED, -ENOMEM, "out of memory");
	if (!bytecode_valid(copy))
		return cli_usage(cli, "bytecode '%.60s' is not N,c t f k,... with N from 1 to %d", word, BYTECODE_MAX);
	request_unsupported(request, "bytecode");
	return 0;
}

int request_program_bytecode_file(struct cli *cli, struct request *request)
{
	const char *path;

	request_unsupported(request, "bytecode-file");
	return cli_take(cli, "FILE", &path);
}

int request_program_match(struct cli *cli, struct request *request)
{
	const char *expression;

	request_unsupported(request, "match");
	return cli_take(cli, "\"EXPRESSION\"", &expression);
}
