// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* What the kernel tells of a loaded program or map: bpf(2)'s info calls, and nothing else. */
#include "kernel.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

int prog_open(uint32_t id, int *ret_fd)
{
	int fd = bpf_prog_get_fd_by_id(id);

	if (fd < 0)
		return fd;
	*ret_fd = fd;
	return 0;
}

int prog_facts(int fd, struct prog_facts *ret_facts)
{
	struct prog_facts facts;
	uint32_t size = sizeof(facts.info);
	int r;

	/* Newer kernels read the caller's buffer, and a smaller one of older kernels leaves its end as it was. */
	memset(&facts, 0, sizeof(facts));
	facts.info.nr_map_ids = PROG_MAPS_MAX;
	facts.info.map_ids = (uint64_t)(uintptr_t)facts.map_ids;
	r = bpf_obj_get_info_by_fd(fd, &facts.info, &size);
	if (r < 0)
		return r;
	facts.map_count = facts.info.nr_map_ids < PROG_MAPS_MAX ? facts.info.nr_map_ids : PROG_MAPS_MAX;
	*ret_facts = facts;
	return 0;
}

int prog_insns(int fd, struct bpf_insn **ret_insns, size_t *ret_count)
{
	auto_(mem) struct bpf_insn *insns = NULL;
	struct bpf_prog_info info;
	uint32_t size = sizeof(info);
	struct prog_facts facts;
	int r;

	r = prog_facts(fd, &facts);
	if (r < 0)
		return r;
	if (facts.info.xlated_prog_len == 0)
		return -EACCES;
	insns = calloc(1, facts.info.xlated_prog_len);
	if (!insns)
		return -ENOMEM;
	memset(&info, 0, sizeof(info));
	info.xlated_prog_len = facts.info.xlated_prog_len;
	info.xlated_prog_insns = (uint64_t)(uintptr_t)insns;
	r = bpf_obj_get_info_by_fd(fd, &info, &size);
	if (r < 0)
		return r;
	if (!info.xlated_prog_insns || info.xlated_prog_len != facts.info.xlated_prog_len)
		return -EACCES;
	*ret_insns = TAKE_PTR(insns);
	*ret_count = info.xlated_prog_len / sizeof(**ret_insns);
	return 0;
}

int map_open(uint32_t id, int *ret_fd)
{
	int fd = bpf_map_get_fd_by_id(id);

	if (fd < 0)
		return fd;
	*ret_fd = fd;
	return 0;
}

int map_info(int fd, struct bpf_map_info *ret_info)
{
	struct bpf_map_info info;
	uint32_t size = sizeof(info);
	int r;

	memset(&info, 0, sizeof(info));
	r = bpf_obj_get_info_by_fd(fd, &info, &size);
	if (r < 0)
		return r;
	*ret_info = info;
	return 0;
}

static bool map_named(const char *map, const char *name)
{
	size_t size = strlen(map), want = strlen(name);

	if (name[0] != '.')
		return strcmp(map, name) == 0;
	return size >= want && strcmp(map + size - want, name) == 0;
}

int prog_map(const struct prog_facts *facts, const char *name, int *ret_fd)
{
	for (uint32_t i = 0; i < facts->map_count; i++) {
		auto_(fd) int fd = -1;
		struct bpf_map_info info;
		int r;

		r = map_open(facts->map_ids[i], &fd);
		if (r < 0)
			return r;
		r = map_info(fd, &info);
		if (r < 0)
			return r;
		if (!map_named(info.name, name))
			continue;
		*ret_fd = TAKE_FD(fd);
		return 0;
	}
	return -ENOENT;
}
