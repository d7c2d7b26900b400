// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* ACTION: what happens to a packet that a filter matched. Read for its form only: nothing runs it yet. */
#include "cli.h"

#include <string.h>

static int action_mark(struct cli *cli)
{
	uint32_t mark;

	return cli_take_number(cli, 0, UINT32_MAX, &mark);
}

static int action_device(struct cli *cli)
{
	const char *dev;
	int r;

	r = cli_take_word(cli, "dev");
	if (r < 0)
		return r;
	r = cli_take(cli, "DEV", &dev);
	if (r < 0)
		return r;
	cli_take_if(cli, "ingress");
	return 0;
}

static const struct {
	const char *word;
	int (*rest)(struct cli *cli); /* NULL: nothing follows */
} actions[] = {
	{ "pass", NULL },
	{ "drop", NULL },
	{ "stolen", NULL },
	{ "trap", NULL },
	{ "mark", action_mark },
	{ "priority", cli_take_classid },
	{ "redirect", action_device },
	{ "mirror", action_device },
};

int request_action(struct cli *cli, struct request *request)
{
	const char *word;
	int r;

	r = cli_take(cli, "ACTION", &word);
	if (r < 0)
		return r;
	request_unsupported(request, "action");
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++) {
		if (strcmp(actions[i].word, word) == 0)
			return actions[i].rest ? actions[i].rest(cli) : 0;
	}
	return cli_usage(cli, "'%s' is no action: pass, drop, stolen, trap, mark, priority, redirect or mirror", word);
}
