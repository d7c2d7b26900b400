// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* daisy release: adopted filters back to whom they came from. Read for its form only, as yet. */
#include "cli.h"

int cmd_release(struct cli *cli)
{
	struct request request = { 0 };
	int r;

	request_unsupported(&request, "release");
	r = cli_take_word(cli, "dev");
	if (r < 0)
		return r;
	r = request_target_dev(cli, &request);
	if (r < 0)
		return r;
	return request_options(cli, TAKES_NOTHING, &request);
}
