// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * A running chain and a file become the chain that is wanted.
 *
 * Here is decided what stays loaded, where filters that the file does not name
 * go, and whether the one who asks may change what others own. Prios and handles
 * come out as wishes: plan_number() makes them fit. Pure data, as plan.c.
 */
#include "plan.h"

#include <errno.h>
#include <string.h>

#include "error.h"

struct merge {
	const struct chain *present;
	const struct chain *file;
	const char *owner;
	bool prune;
	bool force;
};

static int refuse_owner(const struct filter *was)
{
	return fail(-EPERM, "filter '%s' belongs to owner '%s': use --force", was->name, was->owner ? was->owner : "");
}

/* The chain takes @filter over only if 0 is returned. */
static int wanted_append(struct chain *wanted, struct filter *filter)
{
	int r = chain_insert(wanted, wanted->filter_count, filter);

	if (r < 0)
		return fail_errno(r, "filter '%s'", filter->name);
	return 0;
}

/* What runs under @was goes on running under @is. */
static int program_keep(struct filter *is, const struct filter *was)
{
	if (source_copy(&is->source, &was->source) < 0)
		return fail_memory();
	is->prog_id = was->prog_id;
	memcpy(is->tag, was->tag, sizeof(is->tag));
	is->flags = (is->flags & ~DAISY_F_IN_HW) | (was->flags & DAISY_F_IN_HW);
	return 0;
}

static void program_load(struct filter *is)
{
	is->reload = true;
	is->prog_id = 0;
	memset(is->tag, 0, sizeof(is->tag));
}

static bool filter_same(const struct filter *was, const struct filter *is)
{
	return !is->reload && filter_options_same(was, is) && is->prio == was->prio && is->handle == was->handle;
}

/* The file gives this number to one of its filters, so no other may inherit it. */
static bool handle_given(const struct chain *file, uint32_t prio, uint32_t handle)
{
	for (size_t i = 0; i < file->filter_count; i++) {
		if (file->filters[i]->prio == prio && file->filters[i]->handle == handle)
			return true;
	}
	return false;
}

/* @is, a copy of the file's filter, becomes what the file makes of the running @was. */
static int filter_merge(const struct merge *merge, const struct filter *was, struct filter *is)
{
	int r;

	if (!is->prio)
		is->prio = was->prio;
	/* A handle counts within its prio: in another one it may be somebody else's. */
	if (!is->handle && is->prio == was->prio && !handle_given(merge->file, was->prio, was->handle))
		is->handle = was->handle;
	if (is->reload || is->fresh_maps || !source_same(&was->source, &is->source)) {
		program_load(is);
	} else {
		r = program_keep(is, was);
		if (r < 0)
			return r;
	}
	if (merge->force || filter_same(was, is))
		return 0;
	/* Giving a filter to someone else is a change that its owner has to want, too. */
	if (!text_equal(was->owner, merge->owner) || !text_equal(was->owner, is->owner))
		return refuse_owner(was);
	return 0;
}

static int merge_named(const struct merge *merge, const struct filter *named, struct chain *wanted)
{
	auto_(filter) struct filter *is = NULL;
	const struct filter *was = chain_find(merge->present, named->name);
	int r;

	if (filter_copy(named, &is) < 0)
		return fail_memory();
	if (was) {
		r = filter_merge(merge, was, is);
		if (r < 0)
			return r;
	} else {
		program_load(is);
	}
	r = wanted_append(wanted, is);
	if (r < 0)
		return r;
	TAKE_PTR(is);
	return 0;
}

static int merge_kept(const struct filter *was, struct chain *wanted)
{
	auto_(filter) struct filter *is = NULL;
	int r;

	if (filter_copy(was, &is) < 0)
		return fail_memory();
	is->reload = false;
	is->fresh_maps = false;
	r = wanted_append(wanted, is);
	if (r < 0)
		return r;
	TAKE_PTR(is);
	return 0;
}

/* The run of filters at @index of the present chain that the file does not name. */
static int merge_run(const struct merge *merge, size_t index, struct chain *wanted)
{
	const struct chain *present = merge->present;
	int r;

	for (; index < present->filter_count; index++) {
		const struct filter *was = present->filters[index];

		if (chain_find(merge->file, was->name))
			break;
		if (merge->prune && text_equal(was->owner, merge->owner))
			continue;
		r = merge_kept(was, wanted);
		if (r < 0)
			return r;
	}
	return 0;
}

static int merge_filters(const struct merge *merge, struct chain *wanted)
{
	int r;

	r = merge_run(merge, 0, wanted);
	for (size_t i = 0; i < merge->file->filter_count && r == 0; i++) {
		const struct filter *named = merge->file->filters[i];
		int index = chain_index(merge->present, named->name);

		r = merge_named(merge, named, wanted);
		if (r == 0 && index >= 0)
			r = merge_run(merge, (size_t)index + 1, wanted);
	}
	return r;
}

/*
 * One's own filter may go past another's: that moves one's own. Two filters of
 * others that changed places cannot be told so: one of them was moved.
 */
static int check_order(const struct merge *merge, const struct chain *wanted)
{
	int last = -1;

	for (size_t i = 0; i < wanted->filter_count; i++) {
		int index = chain_index(merge->present, wanted->filters[i]->name);
		const struct filter *was = index < 0 ? NULL : merge->present->filters[index];

		if (!was || text_equal(was->owner, merge->owner))
			continue;
		if (index < last)
			return refuse_owner(was);
		last = index;
	}
	return 0;
}

/* All of the file's chain but its filters. */
static int wanted_new(const struct merge *merge, struct chain **ret_wanted)
{
	auto_(chain) struct chain *wanted = NULL;

	if (chain_copy(merge->file, &wanted) < 0)
		return fail_memory();
	while (wanted->filter_count > 0)
		chain_remove(wanted, wanted->filter_count - 1);
	wanted->revision = merge->present->revision;
	*ret_wanted = TAKE_PTR(wanted);
	return 0;
}

int plan_merge(const struct chain *present, const struct chain *file, const char *owner,
	       bool prune, bool force, struct chain **ret_wanted)
{
	static const struct chain nothing;
	auto_(chain) struct chain *wanted = NULL;
	struct merge merge = {
		.present = present ? present : &nothing,
		.file = file,
		.owner = owner,
		.prune = prune,
		.force = force,
	};
	int r;

	r = wanted_new(&merge, &wanted);
	if (r < 0)
		return r;
	r = merge_filters(&merge, wanted);
	if (r < 0)
		return r;
	if (!force) {
		r = check_order(&merge, wanted);
		if (r < 0)
			return r;
	}
	*ret_wanted = TAKE_PTR(wanted);
	return 0;
}
