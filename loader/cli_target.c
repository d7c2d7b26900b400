// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * TARGET and HOOK: which chain is meant, by its name or by a place where it runs.
 * Whether there is such a device or chain is the library's to find out.
 */
#include "cli.h"

#include <string.h>

static int request_hook(struct cli *cli, struct request *request)
{
	const char *word;
	int r;

	r = cli_take(cli, "HOOK", &word);
	if (r < 0)
		return r;
	r = daisy_at_parse(word, &request->target.at);
	if (r == 0)
		return 0;
	if (r != -EOPNOTSUPP)
		return cli_usage(cli, "'%s' is no hook: ingress, egress, parent MAJ:MIN or xdp", word);
	request_unsupported(request, word);
	return strcmp(word, "parent") == 0 ? cli_take_classid(cli) : 0;
}

int request_target_dev(struct cli *cli, struct request *request)
{
	int r;

	request->has_target = true;
	r = cli_take(cli, "DEV", &request->target.dev);
	if (r < 0)
		return r;
	return request_hook(cli, request);
}

int request_target_chain(struct cli *cli, struct request *request)
{
	request->has_target = true;
	return cli_take_name(cli, "NAME", DAISY_CHAIN_SIZE, &request->target.chain);
}

int request_target(struct cli *cli, struct request *request)
{
	const char *word;
	int r;

	r = cli_take(cli, "TARGET", &word);
	if (r < 0)
		return r;
	if (strcmp(word, "dev") == 0)
		return request_target_dev(cli, request);
	if (strcmp(word, "chain") == 0)
		return request_target_chain(cli, request);
	return cli_usage(cli, "'%s' begins no target: dev DEV HOOK or chain NAME", word);
}

int request_chain_and_hook(struct cli *cli, struct request *request)
{
	int r;

	r = cli_take_word(cli, "chain");
	if (r < 0)
		return r;
	r = request_target_chain(cli, request);
	if (r < 0)
		return r;
	r = cli_take_word(cli, "dev");
	if (r < 0)
		return r;
	return request_target_dev(cli, request);
}
