// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* daisy apply: the running chains become what the files say, all or nothing. */
#include "cli.h"

int cli_apply(struct cli *cli, bool dry_run)
{
	auto_(daisy_outcome) struct daisy_outcome *outcome = NULL;
	auto_(daisy) struct daisy *daisy = NULL;
	struct request request = { 0 };
	int r;

	r = request_options(cli, TAKES_FILES | TAKES_CHANGE, &request);
	if (r < 0)
		return r;
	r = cli_open(cli, &daisy);
	if (r < 0)
		return r;
	request.change.dry_run |= dry_run;
	r = daisy_files_apply(daisy, (const char *const *)request.files, request.file_count, &request.change, &outcome);
	cli->of_file = r < 0 && daisy_error_kind() == DAISY_ERROR_INPUT;
	return cli_answer(cli, r, outcome, request.change.dry_run);
}

int cmd_apply(struct cli *cli)
{
	return cli_apply(cli, false);
}
