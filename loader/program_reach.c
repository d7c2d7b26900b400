// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Which maps a program reaches, its tail calls included.
 *
 * A program that tail-calls into others of its object is one program in parts:
 * their prog arrays must stay, and their maps hold its state. Programs of one
 * load share their BTF, and that is how far we go: a web of programs that some
 * agent keeps filling is the agent's own.
 */
#include "program_parts.h"

#include <bpf/bpf.h>
#include <errno.h>

static int ids_add(struct ids *ids, uint32_t id)
{
	uint32_t *grown;

	for (size_t i = 0; i < ids->count; i++) {
		if (ids->ids[i] == id)
			return 0;
	}
	grown = reallocarray(ids->ids, ids->count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	ids->ids = grown;
	ids->ids[ids->count++] = id;
	return 0;
}

/* The programs in prog array @fd. */
static int add_members(int fd, uint32_t entries, struct ids *programs)
{
	int r;

	for (uint32_t key = 0; key < entries; key++) {
		uint32_t id = 0;

		if (bpf_map_lookup_elem(fd, &key, &id) < 0 || id == 0)
			continue;
		r = ids_add(programs, id);
		if (r < 0)
			return r;
	}
	return 0;
}

static int add_maps(const struct prog_facts *facts, uint32_t btf_id, struct ids *programs, struct ids *maps)
{
	int r;

	for (uint32_t i = 0; i < facts->map_count; i++) {
		auto_(fd) int fd = -1;
		struct bpf_map_info info;

		r = ids_add(maps, facts->map_ids[i]);
		if (r < 0)
			return r;
		r = map_open(facts->map_ids[i], &fd);
		if (r < 0)
			return r;
		r = map_info(fd, &info);
		if (r < 0)
			return r;
		if (info.type != BPF_MAP_TYPE_PROG_ARRAY || btf_id == 0)
			continue;
		r = add_members(fd, info.max_entries, programs);
		if (r < 0)
			return r;
	}
	return 0;
}

static int add_program(uint32_t id, uint32_t btf_id, struct ids *programs, struct ids *maps)
{
	auto_(fd) int fd = -1;
	struct prog_facts facts;
	int r;

	r = prog_open(id, &fd);
	/* Taken out of its array meanwhile. */
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	r = prog_facts(fd, &facts);
	if (r < 0)
		return r;
	return facts.info.btf_id == btf_id ? add_maps(&facts, btf_id, programs, maps) : 0;
}

int program_reach(const struct prog_facts *facts, struct ids *ret_maps)
{
	auto_(ids) struct ids programs = { 0 };
	auto_(ids) struct ids maps = { 0 };
	int r;

	r = ids_add(&programs, facts->info.id);
	if (r < 0)
		return r;
	r = add_maps(facts, facts->info.btf_id, &programs, &maps);
	if (r < 0)
		return r;
	/* Grows while it is walked. */
	for (size_t i = 1; i < programs.count; i++) {
		r = add_program(programs.ids[i], facts->info.btf_id, &programs, &maps);
		if (r < 0)
			return r;
	}
	*ret_maps = maps;
	maps.ids = NULL;
	return 0;
}
