// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* daisy adopt: foreign filters into the chain of their hook. Read for its form only, as yet. */
#include "cli.h"

int cmd_adopt(struct cli *cli)
{
	struct request request = { 0 };
	int r;

	request_unsupported(&request, "adopt");
	r = cli_take_word(cli, "dev");
	if (r < 0)
		return r;
	r = request_target_dev(cli, &request);
	if (r < 0)
		return r;
	return request_options(cli, TAKES_NUMBERS, &request);
}
