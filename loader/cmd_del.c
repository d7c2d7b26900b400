// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* daisy del: a filter less; with the last one the chain goes too. */
#include "cli.h"

int cmd_del(struct cli *cli)
{
	auto_(daisy_outcome) struct daisy_outcome *outcome = NULL;
	auto_(daisy) struct daisy *daisy = NULL;
	struct request request = { 0 };
	int r;

	r = request_filter(cli, TAKES_CHANGE, &request);
	if (r < 0)
		return r;
	r = cli_open(cli, &daisy);
	if (r < 0)
		return r;
	r = daisy_filter_del(daisy, &request.target, request.name, &request.change, &outcome);
	return cli_answer(cli, r, outcome, request.change.dry_run);
}
