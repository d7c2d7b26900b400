// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The options before the command: where to work, as whom, and how to answer.
 *
 * getopt_long() would take beginnings of words and speak for itself, so this
 * reads them alone. -h and -V are the commands they stand for.
 */
#include "cli.h"

#include <string.h>

/* The value behind the option that was just read, into *@value. */
static int global_value(struct cli *cli, const char *what, size_t size, const char **value)
{
	if (*value)
		return cli_usage(cli, "'%s' is given twice", cli->words[cli->next - 1]);
	return cli_take_name(cli, what, size, value);
}

static int global_json(struct cli *cli)
{
	if (cli->json)
		return cli_usage(cli, "'%s' is given twice", cli->words[cli->next - 1]);
	cli->json = true;
	return 0;
}

static int global_option(struct cli *cli, const char *word)
{
	if (text_equal(word, "-j") || text_equal(word, "--json"))
		return global_json(cli);
	if (text_equal(word, "-n") || text_equal(word, "--netns"))
		return global_value(cli, "NAME|PATH", SIZE_MAX, &cli->netns);
	if (text_equal(word, "-o") || text_equal(word, "--owner"))
		return global_value(cli, "NAME", DAISY_OWNER_SIZE, &cli->owner);
	return cli_usage(cli, "unknown option '%s'; 'daisy help' lists them", word);
}

/* The command that an option stands for, or NULL. */
static char *global_command(const char *word)
{
	static char help[] = "help", version[] = "version";

	if (text_equal(word, "-h") || text_equal(word, "--help"))
		return help;
	if (text_equal(word, "-V") || text_equal(word, "--version"))
		return version;
	return NULL;
}

int cli_parse_global(struct cli *cli, int argc, char **argv)
{
	const char *word;

	cli->words = argv;
	cli->count = argc > 0 ? (size_t)argc : 0;
	cli->next = 1;
	while ((word = cli_next(cli)) && word[0] == '-') {
		char *command = global_command(word);
		int r;

		if (command) {
			argv[cli->next - 1] = command;
			break;
		}
		r = global_option(cli, word);
		if (r < 0)
			return r;
	}
	if (!word)
		return cli_usage(cli, "a command is missing; 'daisy help' lists them");
	cli->words += cli->next - 1;
	cli->count -= cli->next - 1;
	cli->next = 1;
	return 0;
}
