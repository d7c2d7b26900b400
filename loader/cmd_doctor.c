// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* daisy doctor: what this kernel, its privileges and libraries allow; fails where chains cannot run. */
#include "cli.h"

int cmd_doctor(struct cli *cli)
{
	auto_(daisy) struct daisy *daisy = NULL;
	struct request request = { 0 };
	bool works;
	int r;

	r = request_options(cli, TAKES_NOTHING, &request);
	if (r < 0)
		return r;
	r = cli_open(cli, &daisy);
	if (r < 0)
		return r;
	r = cli_written(cli, daisy_doctor(daisy, cli->json, cli_colour(), stdout, &works));
	if (r < 0)
		return r;
	if (works)
		return 0;
	/* With -j the object says it already. */
	cli->answered = cli->json;
	return cli_fail(cli, DAISY_ERROR_FAILED, -EOPNOTSUPP, "chains cannot be run here");
}
