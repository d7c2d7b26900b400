// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * daisy help: the command table as text or as JSON, whose strings hold nothing to
 * escape, and what its capital words stand for.
 */
#include "cli.h"

static const char usage[] = "usage: daisy [-j|--json] [-n|--netns NAME|PATH] [-o|--owner NAME] COMMAND ...\n";

static const char words[] =
	"HOOK    := ingress | egress | parent MAJ:MIN | xdp\n"
	"TARGET  := dev DEV HOOK | chain NAME\n"
	"PROGRAM := obj FILE [sec SECTION | prog SYMBOL] | pinned PATH | id N\n"
	"         | bytecode \"N,c t f k,...\" | bytecode-file FILE | match \"TCPDUMP EXPRESSION\"\n"
	"OPTION  := prio N | handle N | classid MAJ:MIN | da | classify | action ACTION\n"
	"         | continue-on VERDICT[,VERDICT] | skip_sw | skip_hw | before NAME | after NAME\n"
	"         | engine tailcall|fused|kernel\n"
	"         | --expect REVISION | --force | --dry-run     (these three go with every change)\n"
	"ACTION  := pass | drop | stolen | trap | mark N | priority MAJ:MIN\n"
	"         | redirect dev DEV [ingress] | mirror dev DEV [ingress]\n"
	"VERDICT := unspec | ok | shot | stolen | trap | redirect\n"
	"\n"
	"Not supported yet: parent, xdp, bytecode, bytecode-file, match, classid, classify, action, skip_sw,\n"
	"skip_hw, engine fused and engine kernel. More in daisy(8), the file of plan and apply in daisy.yaml(5).\n";

static void help_object(const struct cli_command *command)
{
	printf("{ \"command\": \"%s\", \"arguments\": \"%s\", \"help\": \"%s\" }",
	       command->word, command->arguments, command->help);
}

static void help_json(const struct cli_command *command)
{
	help_object(command);
	putchar('\n');
}

static void help_json_all(const struct cli_command *command)
{
	fputs("{ \"commands\": [", stdout);
	for (const char *comma = " "; command->word; command++, comma = ", ") {
		fputs(comma, stdout);
		help_object(command);
	}
	puts(" ] }");
}

static void help_text(const struct cli_command *command)
{
	printf("usage: daisy %s%s%s\n       %s\n\n%s", command->word, *command->arguments ? " " : "",
	       command->arguments, command->help, words);
}

static void help_text_all(const struct cli_command *command)
{
	fputs(usage, stdout);
	for (; command->word; command++)
		printf("  %-8s%-52s%s\n", command->word, command->arguments, command->help);
	printf("\n%s", words);
}

int cmd_help(struct cli *cli)
{
	const struct cli_command *only = NULL;
	struct request request = { 0 };
	int r;

	if (cli->count > 1 && cli->words[1][0] != '-') {
		only = cli_command_find(cli_next(cli));
		if (!only)
			return cli_usage(cli, "unknown command '%s'; 'daisy help' lists them", cli->words[1]);
	}
	r = request_options(cli, TAKES_NOTHING, &request);
	if (r < 0)
		return r;
	if (only)
		(cli->json ? help_json : help_text)(only);
	else
		(cli->json ? help_json_all : help_text_all)(cli_commands);
	return cli_written(cli, 0);
}
