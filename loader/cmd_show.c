// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* daisy show: every chain in the order it runs, and what else hangs on its hooks. */
#include "cli.h"

static int show_view(struct cli *cli, const struct daisy_view *view, bool stats)
{
	struct daisy_style style = {
		.size = sizeof(style),
		.stats = stats,
		.colour = cli_colour(),
		.si = isatty(STDOUT_FILENO),
	};

	return cli->json ? daisy_view_json(view, stats, stdout) : daisy_view_text(view, &style, stdout);
}

int cmd_show(struct cli *cli)
{
	auto_(daisy_view) struct daisy_view *view = NULL;
	auto_(daisy) struct daisy *daisy = NULL;
	struct request request = { 0 };
	int r;

	r = request_options(cli, TAKES_TARGET | TAKES_STATS, &request);
	if (r < 0)
		return r;
	r = cli_open(cli, &daisy);
	if (r < 0)
		return r;
	r = daisy_view_read(daisy, request.has_target ? &request.target : NULL, &view);
	if (r < 0)
		return cli_fail_library(cli, r);
	return cli_written(cli, show_view(cli, view, request.stats));
}
