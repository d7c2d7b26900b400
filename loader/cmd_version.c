// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* daisy version: its name, and the version of the library that it runs with. */
#include "cli.h"

int cmd_version(struct cli *cli)
{
	struct request request = { 0 };
	int r;

	r = request_options(cli, TAKES_NOTHING, &request);
	if (r < 0)
		return r;
	printf(cli->json ? "{ \"name\": \"daisy\", \"version\": \"%s\" }\n" : "daisy %s\n", daisy_version());
	return cli_written(cli, 0);
}
