// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* daisy detach: a chain off one of its hooks. */
#include "cli.h"

int cmd_detach(struct cli *cli)
{
	auto_(daisy_outcome) struct daisy_outcome *outcome = NULL;
	auto_(daisy) struct daisy *daisy = NULL;
	struct request request = { 0 };
	int r;

	r = request_chain_and_hook(cli, &request);
	if (r < 0)
		return r;
	r = request_options(cli, TAKES_CHANGE, &request);
	if (r < 0)
		return r;
	r = cli_open(cli, &daisy);
	if (r < 0)
		return r;
	r = daisy_chain_detach(daisy, request.target.chain, request.target.dev, request.target.at, &request.change, &outcome);
	return cli_answer(cli, r, outcome, request.change.dry_run);
}
