// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Which maps of a replaced program go on in the new one.
 *
 * A map is taken over when nothing about it is in doubt: its name stands for one
 * map on both sides and its definitions are the same. In doubt the new program
 * gets a map of its own, as it would from any other loader. Maps that pin by name
 * are libbpf's business.
 */
#include "program_parts.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "error.h"

struct old_maps {
	struct bpf_map_info *infos;
	size_t count;
};

static inline void old_maps_cleanup(struct old_maps *old) { free(old->infos); }

/* Global data is called OBJECT.data, and objects may be renamed from build to build. */
static const char *name_part(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot ? dot : name;
}

/* The kernel cuts names at 15 bytes. */
static bool names_same(const char *a, const char *b)
{
	return strncmp(name_part(a), name_part(b), BPF_OBJ_NAME_LEN - 1) == 0;
}

/* The one old map called as @map is; NULL for none, or for several of a name that the kernel cut. */
static const struct bpf_map_info *find_old(const struct old_maps *old, struct bpf_object *object,
					   const struct bpf_map *map)
{
	const struct bpf_map_info *found = NULL;
	const struct bpf_map *other;

	bpf_object__for_each_map(other, object) {
		if (other != map && names_same(bpf_map__name(other), bpf_map__name(map)))
			return NULL;
	}
	for (size_t i = 0; i < old->count; i++) {
		if (!names_same(old->infos[i].name, bpf_map__name(map)))
			continue;
		if (found)
			return NULL;
		found = &old->infos[i];
	}
	return found;
}

static bool definition_same(const struct bpf_map *map, const struct bpf_map_info *old)
{
	uint32_t entries = bpf_map__max_entries(map);

	/* libbpf makes them as many as there are processors, but later. */
	if (entries == 0 && bpf_map__type(map) == BPF_MAP_TYPE_PERF_EVENT_ARRAY)
		entries = (uint32_t)libbpf_num_possible_cpus();
	return old->ifindex == 0 && bpf_map__ifindex(map) == 0 &&
	       old->type == bpf_map__type(map) &&
	       old->key_size == bpf_map__key_size(map) &&
	       old->value_size == bpf_map__value_size(map) &&
	       old->max_entries == entries &&
	       old->map_flags == bpf_map__map_flags(map) &&
	       old->map_extra == bpf_map__map_extra(map);
}

/* True if both data sections hold variables of the same names and sizes at the same places. */
static bool datasecs_same(const struct btf *a, uint32_t a_id, const struct btf *b, uint32_t b_id)
{
	const struct btf_type *a_type = btf__type_by_id(a, a_id), *b_type = btf__type_by_id(b, b_id);

	if (!a_type || !b_type || !btf_is_datasec(a_type) || !btf_is_datasec(b_type) ||
	    btf_vlen(a_type) != btf_vlen(b_type))
		return false;
	for (uint32_t i = 0; i < btf_vlen(a_type); i++) {
		const struct btf_var_secinfo *a_var = &btf_var_secinfos(a_type)[i];
		const struct btf_var_secinfo *b_var = &btf_var_secinfos(b_type)[i];
		const struct btf_type *a_what = btf__type_by_id(a, a_var->type);
		const struct btf_type *b_what = btf__type_by_id(b, b_var->type);

		if (a_var->offset != b_var->offset || a_var->size != b_var->size || !a_what || !b_what ||
		    !text_equal(btf__name_by_offset(a, a_what->name_off), btf__name_by_offset(b, b_what->name_off)))
			return false;
	}
	return true;
}

/* Without types on both sides nobody knows which variable lies where. */
static bool variables_same(const struct bpf_object *object, const struct bpf_map *map, const struct bpf_map_info *old)
{
	const struct btf *btf = bpf_object__btf(object);
	auto_(btf) struct btf *old_btf = NULL;

	if (!btf || !old->btf_id || !old->btf_value_type_id || !bpf_map__btf_value_type_id(map))
		return false;
	old_btf = btf__load_from_kernel_by_id(old->btf_id);
	return old_btf && datasecs_same(btf, bpf_map__btf_value_type_id(map), old_btf, old->btf_value_type_id);
}

static bool is_global_data(const char *name)
{
	const char *part = name_part(name);

	return strncmp(part, ".data", 5) == 0 || strncmp(part, ".bss", 4) == 0;
}

/* True if @map is defined with initial members (".values"), or if that cannot be told. */
static bool has_members(const struct bpf_object *object, const struct bpf_map *map)
{
	const struct btf *btf = bpf_object__btf(object);
	const struct btf_type *type;
	int id;

	id = btf ? btf__find_by_name_kind(btf, bpf_map__name(map), BTF_KIND_VAR) : -ENOENT;
	if (id < 0)
		return true;
	type = btf__type_by_id(btf, (uint32_t)btf__resolve_type(btf, (uint32_t)id));
	if (!type || !btf_is_struct(type))
		return true;
	for (uint32_t i = 0; i < btf_vlen(type); i++) {
		if (strcmp(btf__name_by_offset(btf, btf_members(type)[i].name_off), "values") == 0)
			return true;
	}
	return false;
}

/* True if @map of the new object may be @old, which has its name. */
static bool can_take(const struct bpf_object *object, const struct bpf_map *map, const struct bpf_map_info *old)
{
	if (!definition_same(map, old))
		return false;
	/* .rodata and .kconfig are frozen with what the old program was given. */
	if (bpf_map__is_internal(map))
		return is_global_data(bpf_map__name(map)) && variables_same(object, map, old);
	switch (bpf_map__type(map)) {
	case BPF_MAP_TYPE_ARRAY_OF_MAPS:
	case BPF_MAP_TYPE_HASH_OF_MAPS:
	case BPF_MAP_TYPE_STRUCT_OPS:
		/* The kernel does not tell what their inner maps or operations must look like. */
		return false;
	case BPF_MAP_TYPE_PROG_ARRAY:
		/* libbpf would put the new programs into it while the old one still runs with it. */
		return !has_members(object, map);
	default:
		return true;
	}
}

/* Every map of the running program and of what it tail-calls: counters often sit behind a tail call. */
static int read_old(uint32_t running, struct old_maps *ret_old)
{
	auto_(old_maps) struct old_maps old = { 0 };
	auto_(ids) struct ids maps = { 0 };
	auto_(fd) int fd = -1;
	struct prog_facts facts;
	int r;

	r = prog_open(running, &fd);
	if (r < 0)
		return r;
	r = prog_facts(fd, &facts);
	if (r < 0)
		return r;
	r = program_reach(&facts, &maps);
	if (r < 0)
		return r;
	old.infos = calloc(maps.count + 1, sizeof(*old.infos));
	if (!old.infos)
		return -ENOMEM;
	for (size_t i = 0; i < maps.count; i++) {
		auto_(fd) int map_fd = -1;

		r = map_open(maps.ids[i], &map_fd);
		/* A map behind a tail call may go with its program at any time. */
		if (r == -ENOENT)
			continue;
		if (r < 0)
			return r;
		r = map_info(map_fd, &old.infos[old.count]);
		if (r < 0)
			return r;
		old.count++;
	}
	*ret_old = old;
	old.infos = NULL;
	return 0;
}

static int take_map(struct bpf_map *map, uint32_t id)
{
	auto_(fd) int fd = -1;
	int r;

	r = map_open(id, &fd);
	if (r < 0)
		return r;
	return bpf_map__reuse_fd(map, fd);
}

int object_take_maps(struct bpf_object *object, uint32_t running)
{
	auto_(old_maps) struct old_maps old = { 0 };
	struct bpf_map *map;
	int r;

	r = read_old(running, &old);
	if (r == -ENOENT)
		return fail(r, "program id %u, which is to be replaced, is gone", running);
	if (r < 0)
		return fail_errno(r, "the maps of program id %u, which is to be replaced", running);
	bpf_object__for_each_map(map, object) {
		const struct bpf_map_info *info = find_old(&old, object, map);

		if (!info || bpf_map__pin_path(map) || !can_take(object, map, info))
			continue;
		r = take_map(map, info->id);
		if (r < 0)
			return fail_errno(r, "map '%s' of program id %u, which is to be replaced", info->name, running);
	}
	return 0;
}
