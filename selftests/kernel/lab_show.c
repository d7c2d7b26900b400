// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* What daisy says of its chains, by the JSON that scripts read. */
#include "lab.h"

struct json_object *lab_show(void)
{
	auto_(lab_run) struct lab_run run = lab_daisy("-j show -s");

	cr_assert_eq(run.code, 0, "daisy -j show -s: exit %d: %s%s", run.code, run.out, run.err);
	return lab_json(run.out);
}

/* The entry of @array whose keys have these texts; NULL when none has. */
static struct json_object *entry_find(struct json_object *array, const char *key, const char *text,
				      const char *key2, const char *text2)
{
	for (size_t i = 0; i < json_object_array_length(array); i++) {
		struct json_object *entry = json_object_array_get_idx(array, i);
		const char *found = lab_text(entry, key);

		if (found && strcmp(found, text) == 0 && (!key2 || text_equal(lab_text(entry, key2), text2)))
			return entry;
	}
	return NULL;
}

struct json_object *lab_hook(struct json_object *show, const char *dev, const char *at)
{
	struct json_object *hook = entry_find(show, "dev", dev, "at", at);

	cr_assert_not_null(hook, "no hook %s %s in %s", dev, at, json_object_to_json_string(show));
	return hook;
}

struct json_object *lab_filter(struct json_object *hook, const char *name)
{
	struct json_object *filter = entry_find(json_object_object_get(hook, "filters"), "name", name, NULL, NULL);

	cr_assert_not_null(filter, "no filter %s in %s", name, json_object_to_json_string(hook));
	return filter;
}

/* What stands at "a.b.c"; false when a key is missing. */
static bool path_get(struct json_object *object, const char *path, struct json_object **ret_value)
{
	auto_(mem) char *keys = strdup(path);
	char *rest = NULL;

	for (char *key = strtok_r(keys, ".", &rest); key; key = strtok_r(NULL, ".", &rest)) {
		if (!json_object_object_get_ex(object, key, &object))
			return false;
	}
	*ret_value = object;
	return true;
}

uint64_t lab_number(struct json_object *object, const char *path)
{
	struct json_object *value = NULL;

	cr_assert(path_get(object, path, &value) && json_object_is_type(value, json_type_int),
		  "no number %s in %s", path, json_object_to_json_string(object));
	return json_object_get_uint64(value);
}

const char *lab_text(struct json_object *object, const char *path)
{
	struct json_object *value = NULL;

	cr_assert(path_get(object, path, &value), "no %s in %s", path, json_object_to_json_string(object));
	return value ? json_object_get_string(value) : NULL;
}

uint64_t lab_stat_at(const char *dev, const char *at, const char *name, const char *path)
{
	auto_(lab_json) struct json_object *show = lab_show();
	struct json_object *hook = lab_hook(show, dev, at);

	return lab_number(name ? lab_filter(hook, name) : hook, path);
}

uint64_t lab_stat(const char *name, const char *path)
{
	return lab_stat_at(lab.dev, "ingress", name, path);
}

uint32_t lab_prog(const char *name)
{
	return (uint32_t)lab_stat(name, "prog_id");
}

void lab_add(const char *name, const char *object)
{
	lab_ok("add dev %s ingress %s obj %s", lab.dev, name, lab_object(object));
}

void lab_set_verdict(const char *name, int32_t value)
{
	lab_map_set(lab_prog(name), "verdict.data", 0, &value, sizeof(value));
}

uint64_t lab_counted(const char *name)
{
	return lab_map_value(lab_prog(name), "packets", 0);
}

static char *order_of(struct json_object *filters)
{
	char *names = NULL;
	size_t size;
	FILE *out = open_memstream(&names, &size);

	for (size_t i = 0; filters && i < json_object_array_length(filters); i++)
		fprintf(out, "%s%s", i ? " " : "", lab_text(json_object_array_get_idx(filters, i), "name"));
	fclose(out);
	return names;
}

void lab_expect_order_at(const char *file, int line, const char *dev, const char *at, const char *names)
{
	auto_(lab_json) struct json_object *show = lab_show();
	struct json_object *hook = entry_find(show, "dev", dev, "at", at);
	auto_(mem) char *order = order_of(hook ? json_object_object_get(hook, "filters") : NULL);

	cr_expect_str_eq(order, names, "%s:%d: %s %s runs '%s', not '%s'", file, line, dev, at, order, names);
}
