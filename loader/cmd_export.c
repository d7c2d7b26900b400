// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* daisy export: the running chains as a file that apply accepts; with -j that file as a string. */
#include "cli.h"

#include <json-c/json.h>

static int export_json(const struct daisy_view *view)
{
	auto_(mem) char *text = NULL;
	struct json_object *object;
	size_t size;
	FILE *file;
	int r;

	file = open_memstream(&text, &size);
	if (!file)
		return -errno;
	r = daisy_view_yaml(view, file);
	if (fclose(file) < 0 || r < 0)
		return r < 0 ? r : -ENOMEM;
	object = json_object_new_object();
	if (object)
		json_object_object_add(object, "yaml", json_object_new_string(text));
	return cli_print_json(object);
}

int cmd_export(struct cli *cli)
{
	auto_(daisy_view) struct daisy_view *view = NULL;
	auto_(daisy) struct daisy *daisy = NULL;
	struct request request = { 0 };
	int r;

	r = request_options(cli, TAKES_TARGET, &request);
	if (r < 0)
		return r;
	r = cli_open(cli, &daisy);
	if (r < 0)
		return r;
	r = daisy_view_read(daisy, request.has_target ? &request.target : NULL, &view);
	if (r < 0)
		return cli_fail_library(cli, r);
	return cli_written(cli, cli->json ? export_json(view) : daisy_view_yaml(view, stdout));
}
