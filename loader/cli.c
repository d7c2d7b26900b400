// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * daisy: main, and the one table of commands.
 *
 * The table is the usage text, tells how many words a command needs, and is
 * matched by whole words. What a command does is in its cmd_VERB.c, what its
 * words mean in cli_*.c, everything else in the library.
 */
#include "cli.h"

#include <fcntl.h>
#include <string.h>

const struct cli_command cli_commands[] = {
	{ "add", 5, -1, cmd_add, "TARGET NAME PROGRAM [OPTION]...", "put a filter into a chain" },
	{ "replace", 5, -1, cmd_replace, "TARGET NAME PROGRAM [OPTION]... [--fresh-maps]",
	  "swap a filter's program or options, keeping its place and maps" },
	{ "del", 3, -1, cmd_del, "TARGET NAME", "take a filter out; the last one takes the chain with it" },
	{ "move", 5, -1, cmd_move, "TARGET NAME before|after NAME2", "move a filter within its chain" },
	{ "flush", 2, -1, cmd_flush, "TARGET", "take the whole chain off its hooks" },
	{ "show", 0, -1, cmd_show, "[TARGET] [-s|--stats]", "every chain in the order it runs" },
	{ "plan", 1, -1, cmd_plan, "FILE... [--prune]", "what apply would do; changes nothing" },
	{ "apply", 1, -1, cmd_apply, "FILE... [--prune]", "make it so, all or nothing" },
	{ "export", 0, -1, cmd_export, "[TARGET]", "the running chains as a file for apply" },
	{ "adopt", 3, -1, cmd_adopt, "dev DEV HOOK [prio N handle N]",
	  "take foreign filters into the chain (not supported yet)" },
	{ "release", 3, -1, cmd_release, "dev DEV HOOK", "give adopted filters back (not supported yet)" },
	{ "attach", 5, -1, cmd_attach, "chain NAME dev DEV HOOK", "run an existing chain on one more hook" },
	{ "detach", 5, -1, cmd_detach, "chain NAME dev DEV HOOK", "take a chain off one of its hooks" },
	{ "doctor", 0, 1, cmd_doctor, "", "what this kernel, its privileges and libraries allow" },
	{ "version", 0, 1, cmd_version, "", "name and version" },
	{ "help", 0, 2, cmd_help, "[COMMAND]", "this text" },
	{ NULL, 0, 0, NULL, NULL, NULL },
};

const struct cli_command *cli_command_find(const char *word)
{
	for (const struct cli_command *command = cli_commands; command->word; command++) {
		if (strcmp(command->word, word) == 0)
			return command;
	}
	return NULL;
}

/* `daisy add --help` is `daisy help add`. */
static bool asks_for_help(struct cli *cli)
{
	char *word = cli->words[0];

	if (cli->count != 2 || (!text_equal(cli->words[1], "-h") && !text_equal(cli->words[1], "--help")))
		return false;
	cli->words[1] = word;
	return true;
}

static int check_arity(struct cli *cli, const struct cli_command *command)
{
	int count = (int)cli->count - 1;

	if (count < command->least)
		return cli_usage(cli, "%s: a word is missing: daisy %s %s", command->word, command->word,
				 command->arguments);
	if (command->most >= 0 && count > command->most)
		return cli_usage(cli, "%s: '%s' is one word too many", command->word,
				 cli->words[command->most + 1]);
	return 0;
}

static int command_run(struct cli *cli)
{
	const struct cli_command *command = cli_command_find(cli->words[0]);
	int r;

	if (!command)
		return cli_usage(cli, "unknown command '%s'; 'daisy help' lists them", cli->words[0]);
	if (asks_for_help(cli))
		return cmd_help(cli);
	r = check_arity(cli, command);
	return r < 0 ? r : command->run(cli);
}

/* A missing standard stream would be taken by the next file that is opened, and the answer written into that. */
static void standard_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", O_PATH);
	}
}

int main(int argc, char **argv)
{
	auto_(cli) struct cli cli = { 0 };
	int r;

	standard_streams();
	r = cli_parse_global(&cli, argc, argv);
	if (r == 0)
		r = command_run(&cli);
	return r < 0 ? cli_report(&cli, r) : 0;
}
