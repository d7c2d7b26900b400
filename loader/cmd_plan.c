// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* daisy plan: the steps that apply would take, and none of them taken. */
#include "cli.h"

int cmd_plan(struct cli *cli)
{
	return cli_apply(cli, true);
}
