// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What the lab holds in the kernel: programs and maps that are pinned in its
 * bpffs or hang on a device of its namespaces, and what those use in turn.
 */
#include "lab.h"

#include <bpf/bpf.h>
#include <ftw.h>
#include <net/if.h>
#include <sched.h>

/* False when @id was there already. */
static bool id_add(uint32_t *ids, size_t *count, size_t most, uint32_t id)
{
	for (size_t i = 0; i < *count; i++) {
		if (ids[i] == id)
			return false;
	}
	cr_assert_lt(*count, most, "more programs and maps than a lab can hold");
	ids[(*count)++] = id;
	return true;
}

static void program_add(struct lab_held *held, uint32_t id);

/* Programs in a prog array are held by it. */
static void array_add(struct lab_held *held, int fd, uint32_t entries)
{
	for (uint32_t key = 0; key < entries; key++) {
		uint32_t id = 0;

		if (bpf_map_lookup_elem(fd, &key, &id) == 0)
			program_add(held, id);
	}
}

static void map_add(struct lab_held *held, uint32_t id)
{
	auto_(fd) int fd = -1;
	struct bpf_map_info info;
	uint32_t size = sizeof(info);

	if (!id_add(held->maps, &held->map_count, ARRAY_SIZE(held->maps), id))
		return;
	fd = bpf_map_get_fd_by_id(id);
	memset(&info, 0, sizeof(info));
	if (fd >= 0 && bpf_obj_get_info_by_fd(fd, &info, &size) == 0 && info.type == BPF_MAP_TYPE_PROG_ARRAY)
		array_add(held, fd, info.max_entries);
}

static void program_add(struct lab_held *held, uint32_t id)
{
	auto_(fd) int fd = -1;
	uint32_t maps[64] = { 0 };
	struct bpf_prog_info info;
	uint32_t size = sizeof(info);

	if (!id_add(held->programs, &held->program_count, ARRAY_SIZE(held->programs), id))
		return;
	fd = bpf_prog_get_fd_by_id(id);
	memset(&info, 0, sizeof(info));
	info.map_ids = (uintptr_t)maps;
	info.nr_map_ids = ARRAY_SIZE(maps);
	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &size) < 0)
		return;
	for (uint32_t i = 0; i < info.nr_map_ids && i < ARRAY_SIZE(maps); i++)
		map_add(held, maps[i]);
}

/* fdinfo of a program has prog_id, that of a map map_id. */
static void pin_add(struct lab_held *held, const char *path)
{
	auto_(fd) int fd = bpf_obj_get(path);
	auto_(mem) char *info = text_format("/proc/self/fdinfo/%d", fd);
	auto_(file) FILE *in = fd < 0 ? NULL : fopen(info, "re");
	char line[256];
	uint32_t id;

	while (in && fgets(line, sizeof(line), in)) {
		if (sscanf(line, "prog_id: %u", &id) == 1)
			program_add(held, id);
		else if (sscanf(line, "map_id: %u", &id) == 1)
			map_add(held, id);
	}
}

/* nftw() hands nothing on to its callback. */
static struct lab_held *walked;

static int pin_walk(const char *path, const struct stat *status, int type, struct FTW *place)
{
	if (type == FTW_F)
		pin_add(walked, path);
	return 0;
}

static void filters_add(struct lab_held *held, const char *dev, const char *side)
{
	auto_(lab_json) struct json_object *filters = lab_filters(dev, side);

	for (size_t i = 0; i < json_object_array_length(filters); i++) {
		struct json_object *options = json_object_object_get(json_object_array_get_idx(filters, i), "options");
		struct json_object *program = json_object_object_get(options, "prog");

		if (program)
			program_add(held, (uint32_t)lab_number(program, "id"));
	}
}

static void netns_add(struct lab_held *held, int netns_fd)
{
	struct if_nameindex *devices;

	cr_assert_eq(setns(netns_fd, CLONE_NEWNET), 0);
	devices = if_nameindex();
	for (struct if_nameindex *device = devices; device && device->if_index; device++) {
		filters_add(held, device->if_name, "ingress");
		filters_add(held, device->if_name, "egress");
	}
	if_freenameindex(devices);
	cr_assert_eq(setns(lab.home_fd, CLONE_NEWNET), 0);
}

static void held_read(struct lab_held *held)
{
	*held = (struct lab_held){ 0 };
	walked = held;
	nftw("/sys/fs/bpf", pin_walk, 16, FTW_PHYS);
	netns_add(held, lab.home_fd);
	netns_add(held, lab.far_fd);
}

void lab_mark(void)
{
	held_read(&lab.held);
}

void lab_no_litter_at(const char *file, int line)
{
	struct lab_held now, before = lab.held;

	held_read(&now);
	for (size_t i = 0; i < now.program_count; i++)
		cr_expect_not(id_add(before.programs, &before.program_count, ARRAY_SIZE(before.programs), now.programs[i]),
			      "%s:%d: program %u is left behind", file, line, now.programs[i]);
	for (size_t i = 0; i < now.map_count; i++)
		cr_expect_not(id_add(before.maps, &before.map_count, ARRAY_SIZE(before.maps), now.maps[i]),
			      "%s:%d: map %u is left behind", file, line, now.maps[i]);
}
