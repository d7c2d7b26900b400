// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* daisy move: a filter to another place in its chain. */
#include "cli.h"

int cmd_move(struct cli *cli)
{
	auto_(daisy_outcome) struct daisy_outcome *outcome = NULL;
	auto_(daisy) struct daisy *daisy = NULL;
	struct request request = { 0 };
	int r;

	r = request_filter(cli, TAKES_PLACE | TAKES_CHANGE, &request);
	if (r < 0)
		return r;
	if (!request.change.before && !request.change.after)
		return cli_usage(cli, "before NAME2 or after NAME2 is missing");
	r = cli_open(cli, &daisy);
	if (r < 0)
		return r;
	r = daisy_filter_move(daisy, &request.target, request.name, &request.change, &outcome);
	return cli_answer(cli, r, outcome, request.change.dry_run);
}
