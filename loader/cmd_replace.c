// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* daisy replace: another program or other options for a filter that runs. */
#include "cli.h"

int cmd_replace(struct cli *cli)
{
	auto_(daisy_outcome) struct daisy_outcome *outcome = NULL;
	auto_(daisy) struct daisy *daisy = NULL;
	struct request request = { 0 };
	int r;

	r = request_filter(cli, TAKES_FILTER | TAKES_NUMBERS | TAKES_PLACE | TAKES_CHANGE | TAKES_REPLACE, &request);
	if (r < 0)
		return r;
	r = cli_open(cli, &daisy);
	if (r < 0)
		return r;
	r = daisy_filter_replace(daisy, &request.target, request.name, &request.program, &request.change, &outcome);
	return cli_answer(cli, r, outcome, request.change.dry_run);
}
