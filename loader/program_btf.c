// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Are an object's types sound?
 *
 * libbpf (seen up to 1.1) follows type ids of .BTF without looking whether there
 * is such a type, and typedefs for as long as they lead on. A damaged object has
 * to end in a sentence, so what libbpf will follow is walked through here first.
 */
#include "program_parts.h"

#include <errno.h>

#include "error.h"

#define DEPTH_MAX 64 /* modifiers and typedefs in a row; compilers make a handful */

static bool type_exists(const struct btf *btf, uint32_t id)
{
	return id == 0 || btf__type_by_id(btf, id);
}

static bool name_exists(const struct btf *btf, uint32_t offset)
{
	return btf__str_by_offset(btf, offset);
}

static bool members_sound(const struct btf *btf, const struct btf_type *type)
{
	const struct btf_member *members = btf_members(type);

	for (uint32_t i = 0; i < btf_vlen(type); i++) {
		if (!type_exists(btf, members[i].type) || !name_exists(btf, members[i].name_off))
			return false;
	}
	return true;
}

static bool params_sound(const struct btf *btf, const struct btf_type *type)
{
	const struct btf_param *params = btf_params(type);

	for (uint32_t i = 0; i < btf_vlen(type); i++) {
		if (!type_exists(btf, params[i].type) || !name_exists(btf, params[i].name_off))
			return false;
	}
	return type_exists(btf, type->type);
}

static bool variables_sound(const struct btf *btf, const struct btf_type *type)
{
	const struct btf_var_secinfo *variables = btf_var_secinfos(type);

	for (uint32_t i = 0; i < btf_vlen(type); i++) {
		if (variables[i].type == 0 || !type_exists(btf, variables[i].type))
			return false;
	}
	return true;
}

static bool values_sound(const struct btf *btf, const struct btf_type *type)
{
	/* Both kinds of enum begin an entry with its name. */
	for (uint32_t i = 0; i < btf_vlen(type); i++) {
		uint32_t name = btf_is_enum64(type) ? btf_enum64(type)[i].name_off : btf_enum(type)[i].name_off;

		if (!name_exists(btf, name))
			return false;
	}
	return true;
}

static bool leads_on(const struct btf_type *type)
{
	return btf_is_mod(type) || btf_is_typedef(type) || btf_is_ptr(type) || btf_is_func(type) ||
	       btf_is_var(type) || btf_is_decl_tag(type) || btf_is_type_tag(type);
}

static bool ends_somewhere(const struct btf *btf, const struct btf_type *type)
{
	for (int depth = 0; btf_is_mod(type) || btf_is_typedef(type); depth++) {
		type = btf__type_by_id(btf, type->type);
		if (!type || depth == DEPTH_MAX)
			return false;
	}
	return true;
}

static bool type_sound(const struct btf *btf, const struct btf_type *type)
{
	if (!name_exists(btf, type->name_off))
		return false;
	if (leads_on(type))
		return type_exists(btf, type->type) && ends_somewhere(btf, type);
	if (btf_is_array(type))
		return type_exists(btf, btf_array(type)->type) && type_exists(btf, btf_array(type)->index_type);
	if (btf_is_composite(type))
		return members_sound(btf, type);
	if (btf_is_func_proto(type))
		return params_sound(btf, type);
	if (btf_is_datasec(type))
		return variables_sound(btf, type);
	if (btf_is_any_enum(type))
		return values_sound(btf, type);
	return true;
}

int object_types_check(const char *path, const void *bytes, size_t size)
{
	auto_(btf) struct btf *btf = btf__new(bytes, (uint32_t)size);

	/* libbpf says itself what it cannot read, and goes on without where it can. */
	if (!btf)
		return 0;
	for (uint32_t id = 1; id < btf__type_cnt(btf); id++) {
		if (!type_sound(btf, btf__type_by_id(btf, id)))
			return fail(-EINVAL, "object %s: it is damaged: type %u of its BTF refers to nothing", path, id);
	}
	return 0;
}
