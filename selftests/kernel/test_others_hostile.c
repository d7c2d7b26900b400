// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Programs of others that are called daisy and have a manifest, but are no dispatchers. */
#include "lab.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>

#include "daisy_abi.h"

/* hostile.bpf.o, opened to be made worse: with a base of the right size, so that nothing else hides what is. */
static struct bpf_object *hostile_open(void)
{
	struct bpf_object *object;

	/* What it says of map types that are changed under its feet is no news. */
	libbpf_set_print(NULL);
	object = bpf_object__open(lab_object("hostile"));
	cr_assert_not_null(object, "%s", strerror(errno));
	cr_assert_eq(bpf_map__set_value_size(bpf_object__find_map_by_name(object, "daisy_base"),
					     sizeof(struct daisy_base)), 0);
	return object;
}

/* libbpf names the filter "daisy:[id]", as it names a dispatcher's. */
static void hostile_attach_at(struct bpf_object *object, uint32_t prio, uint32_t handle)
{
	DECLARE_LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)lab.ifindex, .attach_point = BPF_TC_INGRESS);
	DECLARE_LIBBPF_OPTS(bpf_tc_opts, opts, .handle = handle, .priority = prio, .flags = BPF_TC_F_REPLACE);

	cr_assert_eq(bpf_object__load(object), 0, "%s", strerror(errno));
	opts.prog_fd = bpf_program__fd(bpf_object__find_program_by_name(object, "daisy"));
	cr_assert_eq(bpf_tc_attach(&hook, &opts), 0, "%s", strerror(errno));
	bpf_object__close(object);
}

static void hostile_attach(struct bpf_object *object)
{
	hostile_attach_at(object, 7, 7);
}

/* Shown in any case; changes may be refused, but by daisy, not by a signal. And the other chain stays what it is. */
static void expect_not_impressed(const char *what)
{
	auto_(mem) char *place = text_format("dev %s ingress", lab.dev);
	const struct { const char *command, *place, *rest; int most; } commands[] = {
		{ "show -s", "", "", 0 }, { "-j show -s", "", "", 0 }, { "show ", place, "", 0 }, { "export", "", "", 1 },
		{ "flush ", place, "", 1 }, { "add ", place, " new id 2147483647", 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		auto_(mem) char *words = text_format("%s%s%s", commands[i].command, commands[i].place, commands[i].rest);
		auto_(lab_run) struct lab_run run = lab_daisy("%s", words);

		cr_expect_leq(run.code, commands[i].most, "%s: daisy %s ends with %d: %s", what, words, run.code, run.err);
	}
	lab_expect_order_at(__FILE__, __LINE__, lab.dev, "egress", "out");
}

static void hostile_prepare(void)
{
	lab_do("tc qdisc add dev %s clsact", lab.dev);
	lab_ok("add dev %s egress out obj %s", lab.dev, lab_object("count"));
}

Test(others, a_program_called_daisy_with_another_base_is_a_foreign_filter)
{
	auto_(lab_run) struct lab_run show = { 0 };
	auto_(lab_json) struct json_object *hooks = NULL;
	struct json_object *foreign;

	hostile_prepare();
	/* tc names a filter by its object's file. */
	lab_do("cp %s /run/lab/daisy", lab_object("hostile"));
	lab_do("tc filter add dev %s ingress prio 7 handle 7 protocol all bpf da obj /run/lab/daisy sec tc", lab.dev);
	show = lab_daisy("-j show dev %s ingress", lab.dev);
	cr_assert_eq(show.code, 0, "%s", show.err);
	hooks = lab_json(show.out);
	foreign = json_object_object_get(lab_hook(hooks, lab.dev, "ingress"), "foreign");
	cr_assert_eq(json_object_array_length(foreign), 1, "%s", show.out);
	cr_expect_eq(lab_number(json_object_array_get_idx(foreign, 0), "prio"), 7);
	cr_expect_not_null(strstr(lab_text(json_object_array_get_idx(foreign, 0), "name"), "daisy:["));
	expect_not_impressed("attached by tc");
}

Test(others, a_program_called_daisy_with_maps_of_any_size_crashes_nothing)
{
	static const struct { const char *map; uint32_t size; } worse[] = {
		{ "daisy_base", 8 }, { "daisy_base", sizeof(struct daisy_base) + 8 }, { "daisy_base", 262144 },
		{ "daisy_counters", 8 }, { "daisy_counters", 32768 }, { "daisy_counters", sizeof(struct daisy_counters) + 8 },
		{ "daisy_hooks", 1 }, { "daisy_hooks", 4096 },
	};

	hostile_prepare();
	for (size_t i = 0; i < ARRAY_SIZE(worse); i++) {
		struct bpf_object *object = hostile_open();

		cr_assert_eq(bpf_map__set_value_size(bpf_object__find_map_by_name(object, worse[i].map), worse[i].size), 0);
		hostile_attach(object);
		expect_not_impressed(worse[i].map);
	}
}

Test(others, a_program_called_daisy_with_keys_or_types_of_any_kind_crashes_nothing)
{
	static const struct { const char *map; enum bpf_map_type type; uint32_t key; } worse[] = {
		{ "daisy_base", BPF_MAP_TYPE_HASH, 4 }, { "daisy_base", BPF_MAP_TYPE_HASH, 64 },
		{ "daisy_base", BPF_MAP_TYPE_PERCPU_ARRAY, 4 }, { "daisy_counters", BPF_MAP_TYPE_ARRAY, 4 },
		{ "daisy_counters", BPF_MAP_TYPE_HASH, 128 }, { "daisy_hooks", BPF_MAP_TYPE_HASH, 256 },
		{ "daisy_hooks", BPF_MAP_TYPE_PERCPU_HASH, 8 },
	};

	hostile_prepare();
	for (size_t i = 0; i < ARRAY_SIZE(worse); i++) {
		struct bpf_object *object = hostile_open();
		struct bpf_map *map = bpf_object__find_map_by_name(object, worse[i].map);

		cr_assert_eq(bpf_map__set_type(map, worse[i].type), 0);
		cr_assert_eq(bpf_map__set_key_size(map, worse[i].key), 0);
		hostile_attach(object);
		expect_not_impressed(worse[i].map);
	}
}

/* Ways of @manifest to be wrong; false behind the last. */
static bool manifest_spoil(struct daisy_manifest *manifest, size_t way)
{
	struct daisy_filter_info *filter = &manifest->filters[0];

	switch (way) {
	case 0: manifest->count = DAISY_SLOTS; return true;	/* empty names, all the same */
	case 1: manifest->count = UINT32_MAX; return true;
	case 2: manifest->hook_count = UINT32_MAX; return true;
	case 3: manifest->hook = INT32_MAX; return true;
	case 4: manifest->hook = INT32_MIN; return true;
	case 5: manifest->at = DAISY_AT_EGRESS; return true;
	case 6: manifest->at = UINT32_MAX; return true;
	case 7: manifest->engine = UINT32_MAX; return true;
	case 8: manifest->version++; return true;
	case 9: manifest->size = UINT32_MAX; return true;
	case 10: memset(manifest->chain, 'c', sizeof(manifest->chain)); return true;
	case 11: memset(filter->name, 'n', sizeof(filter->name)); return true;
	case 12: memset(filter, 0xff, sizeof(*filter)); return true;
	case 13: filter->source_kind = UINT32_MAX; return true;
	case 14: memcpy(filter->name, "a\033[31mb\n", 9); return true;
	case 15: memcpy(manifest->chain, "../../x", 8); return true;
	case 16: memset(manifest->chain, 0, sizeof(manifest->chain)); return true;
	case 17: filter->prog_id = UINT32_MAX; manifest->revision = UINT32_MAX; return true;
	default: return false;
	}
}

/* hostile.bpf.o spoiled in one way; NULL behind the last. */
static struct bpf_object *hostile_open_spoiled(size_t way)
{
	struct bpf_object *object = hostile_open();
	struct bpf_map *rodata = bpf_object__find_map_by_name(object, ".rodata");
	struct daisy_manifest manifest;
	const void *value;
	size_t size;

	value = bpf_map__initial_value(rodata, &size);
	cr_assert_geq(size, sizeof(manifest));
	memcpy(&manifest, value, sizeof(manifest));
	if (!manifest_spoil(&manifest, way)) {
		bpf_object__close(object);
		return NULL;
	}
	cr_assert_eq(bpf_map__set_initial_value(rodata, &manifest, size), 0);
	return object;
}

Test(others, the_pins_of_another_daisy_version_stay)
{
	auto_(mem) char *before = NULL, *after = NULL;
	auto_(lab_run) struct lab_run show = { 0 };

	lab_ok("add dev %s ingress a obj %s", lab.dev, lab_object("count"));
	before = lab_pins();
	/* As if a newer daisy had made a revision of its own there. */
	hostile_attach_at(hostile_open_spoiled(8), 49, 1);
	show = lab_daisy("show");
	cr_expect_eq(show.code, 0, "%s", show.err);
	after = lab_pins();
	cr_expect_str_eq(after, before);
}

Test(others, a_program_called_daisy_with_any_manifest_crashes_nothing)
{
	struct bpf_object *object;

	hostile_prepare();
	for (size_t way = 0; (object = hostile_open_spoiled(way)); way++) {
		auto_(mem) char *what = text_format("manifest %zu", way);

		hostile_attach(object);
		expect_not_impressed(what);
	}
}
