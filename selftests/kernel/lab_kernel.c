// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What the kernel says, asked without daisy's help: programs, maps, pins, qdiscs
 * and filters. So a test sees what is there, not what daisy believes.
 */
#include "lab.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define MAPS_MAX 64
#define VALUE_MAX 4096

bool lab_program_lives(uint32_t id)
{
	auto_(fd) int fd = bpf_prog_get_fd_by_id(id);

	return fd >= 0;
}

uint32_t lab_program_id(int fd)
{
	struct bpf_prog_info info;
	uint32_t size = sizeof(info);

	memset(&info, 0, sizeof(info));
	cr_assert_eq(bpf_obj_get_info_by_fd(fd, &info, &size), 0, "%s", strerror(errno));
	return info.id;
}

/* --- maps */

static size_t program_maps(uint32_t prog_id, uint32_t ids[MAPS_MAX])
{
	auto_(fd) int fd = bpf_prog_get_fd_by_id(prog_id);
	struct bpf_prog_info info;
	uint32_t size = sizeof(info);

	cr_assert_geq(fd, 0, "program %u: %s", prog_id, strerror(errno));
	memset(&info, 0, sizeof(info));
	info.map_ids = (uintptr_t)ids;
	info.nr_map_ids = MAPS_MAX;
	cr_assert_eq(bpf_obj_get_info_by_fd(fd, &info, &size), 0);
	return info.nr_map_ids;
}

static struct bpf_map_info map_info(int fd)
{
	struct bpf_map_info info;
	uint32_t size = sizeof(info);

	memset(&info, 0, sizeof(info));
	cr_assert_eq(bpf_obj_get_info_by_fd(fd, &info, &size), 0);
	return info;
}

int lab_map(uint32_t prog_id, const char *name)
{
	uint32_t ids[MAPS_MAX] = { 0 };
	size_t count = program_maps(prog_id, ids);

	for (size_t i = 0; i < count; i++) {
		auto_(fd) int fd = bpf_map_get_fd_by_id(ids[i]);
		struct bpf_map_info info;

		cr_assert_geq(fd, 0);
		info = map_info(fd);
		/* The kernel keeps 15 bytes of a name. */
		if (strncmp(info.name, name, BPF_OBJ_NAME_LEN - 1) == 0)
			return TAKE_FD(fd);
	}
	cr_assert_fail("program %u has no map %s", prog_id, name);
	return -1;
}

uint32_t lab_map_id(uint32_t prog_id, const char *name)
{
	auto_(fd) int fd = lab_map(prog_id, name);

	return map_info(fd).id;
}

static bool is_per_cpu(const struct bpf_map_info *info)
{
	return info->type == BPF_MAP_TYPE_PERCPU_ARRAY || info->type == BPF_MAP_TYPE_PERCPU_HASH;
}

/* Bytes that a look-up writes. */
static size_t map_value_size(const struct bpf_map_info *info)
{
	size_t one = (info->value_size + 7) / 8 * 8;

	return is_per_cpu(info) ? one * (size_t)libbpf_num_possible_cpus() : one;
}

uint64_t lab_map_value(uint32_t prog_id, const char *name, uint32_t key)
{
	auto_(fd) int fd = lab_map(prog_id, name);
	struct bpf_map_info info = map_info(fd);
	size_t size = map_value_size(&info), one = (info.value_size + 7) / 8 * 8;
	auto_(mem) uint8_t *values = calloc(1, size);
	uint64_t sum = 0;

	cr_assert_eq(bpf_map_lookup_elem(fd, &key, values), 0, "map %s, key %u: %s", name, key, strerror(errno));
	for (size_t at = 0; at < size; at += one) {
		uint64_t value = 0;

		memcpy(&value, values + at, info.value_size < 8 ? info.value_size : 8);
		sum += value;
	}
	return sum;
}

void lab_map_set(uint32_t prog_id, const char *name, uint32_t key, const void *value, size_t size)
{
	auto_(fd) int fd = lab_map(prog_id, name);
	struct bpf_map_info info = map_info(fd);
	auto_(mem) uint8_t *values = calloc(1, map_value_size(&info));

	cr_assert_leq(size, info.value_size);
	memcpy(values, value, size);
	cr_assert_eq(bpf_map_update_elem(fd, &key, values, 0), 0, "map %s, key %u: %s", name, key, strerror(errno));
}

static int quiet(enum libbpf_print_level level, const char *format, va_list arguments)
{
	return 0;
}

int lab_load(const char *name)
{
	struct bpf_object *object;
	struct bpf_program *program;
	int fd;

	libbpf_set_print(quiet);
	object = bpf_object__open(lab_object(name));
	cr_assert_not_null(object, "%s: %s", name, strerror(errno));
	bpf_object__for_each_program(program, object)
		bpf_program__set_type(program, BPF_PROG_TYPE_SCHED_CLS);
	cr_assert_eq(bpf_object__load(object), 0, "%s: %s", name, strerror(errno));
	fd = dup(bpf_program__fd(bpf_object__next_program(object, NULL)));
	bpf_object__close(object);
	cr_assert_geq(fd, 0);
	return fd;
}

/* --- pins */

/* " program 12" for what is pinned at @path: the kernel's own words about the fd. */
static void pin_write(FILE *out, const char *path)
{
	auto_(fd) int fd = bpf_obj_get(path);
	auto_(mem) char *info = text_format("/proc/self/fdinfo/%d", fd);
	auto_(file) FILE *in = fopen(info, "re");
	char line[256];

	while (in && fgets(line, sizeof(line), in)) {
		if (strstr(line, "_id:") && strncmp(line, "mnt_id", 6) != 0)
			fprintf(out, " %.*s", (int)strcspn(line, "\n"), line);
	}
}

static void entry_write(FILE *out, const char *path, const struct stat *status, bool ids)
{
	fprintf(out, "%s %o", path, status->st_mode & 07777U);
	if (ids && S_ISREG(status->st_mode))
		pin_write(out, path);
	fputc('\n', out);
}

static void tree_write(FILE *out, const char *path, bool ids)
{
	struct dirent **entries = NULL;
	int count = scandir(path, &entries, NULL, alphasort);

	for (int i = 0; i < count; i++) {
		auto_(mem) struct dirent *entry = entries[i];
		auto_(mem) char *below = text_format("%s/%s", path, entry->d_name);
		struct stat status;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 || lstat(below, &status) < 0)
			continue;
		/* The kernel's own, in every bpffs. */
		if (strcmp(entry->d_name, "maps.debug") == 0 || strcmp(entry->d_name, "progs.debug") == 0)
			continue;
		/* The lock of daisy's own commands comes with the first and stays. */
		if (strcmp(below, "/sys/fs/bpf/daisy") != 0)
			entry_write(out, below, &status, ids);
		if (S_ISDIR(status.st_mode))
			tree_write(out, below, ids);
	}
	free(entries);
}

static char *tree_text(bool ids)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	tree_write(out, "/sys/fs/bpf", ids);
	fclose(out);
	return text;
}

char *lab_pins(void)
{
	return tree_text(false);
}

/* --- qdiscs and filters */

struct json_object *lab_json(const char *text)
{
	struct json_object *json = json_tokener_parse(text);

	cr_assert_not_null(json, "no JSON: %s", text);
	return json;
}

struct json_object *lab_filters(const char *dev, const char *side)
{
	auto_(mem) char *text = lab_must("tc -j filter show dev %s %s", dev, side);
	auto_(lab_json) struct json_object *all = lab_json(text[0] ? text : "[]");
	struct json_object *filters = json_object_new_array();

	for (size_t i = 0; i < json_object_array_length(all); i++) {
		struct json_object *filter = json_object_array_get_idx(all, i), *options, *handle;

		/* tc lists each prio once more, without a handle. */
		if (json_object_object_get_ex(filter, "options", &options) &&
		    json_object_object_get_ex(options, "handle", &handle))
			json_object_array_add(filters, json_object_get(filter));
	}
	return filters;
}

uint32_t lab_foreign(const char *dev, const char *side, unsigned int prio, const char *name)
{
	auto_(lab_json) struct json_object *filters = NULL;

	lab_do("tc filter add dev %s %s prio %u protocol all bpf da obj %s sec tc", dev, side, prio, lab_object(name));
	filters = lab_filters(dev, side);
	for (size_t i = 0; i < json_object_array_length(filters); i++) {
		struct json_object *filter = json_object_array_get_idx(filters, i);

		if (lab_number(filter, "pref") == prio)
			return (uint32_t)lab_number(filter, "options.prog.id");
	}
	cr_assert_fail("tc has no filter at prio %u: %s", prio, json_object_to_json_string(filters));
	return 0;
}

char *lab_qdisc(const char *dev)
{
	auto_(mem) char *text = lab_must("tc -j qdisc show dev %s ingress", dev);
	auto_(lab_json) struct json_object *qdiscs = lab_json(text[0] ? text : "[]");
	struct json_object *kind = NULL;

	if (json_object_array_length(qdiscs) > 0)
		json_object_object_get_ex(json_object_array_get_idx(qdiscs, 0), "kind", &kind);
	return strdup(kind ? json_object_get_string(kind) : "");
}

char *lab_picture(void)
{
	auto_(mem) char *pins = tree_text(true);
	auto_(mem) char *qdiscs = lab_must("tc qdisc show");
	auto_(mem) char *ingress = lab_must("tc filter show dev %s ingress", lab.dev);
	auto_(mem) char *egress = lab_must("tc filter show dev %s egress", lab.dev);
	auto_(lab_run) struct lab_run show = lab_daisy("-j show");

	return text_format("%s%s%s%s%s%s", pins, qdiscs, ingress, egress, show.out, show.err);
}
