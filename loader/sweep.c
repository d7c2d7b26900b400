// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What a killed command or somebody else's change left behind, put in order.
 *
 * Every command begins here, holding the lock, so nothing that is seen is in the
 * middle of a change. A change that was interrupted between two hooks is
 * completed first (resume.c); then a revision that runs nowhere goes, with its
 * pins and the clsact that was made for it. In other network namespaces, which
 * cannot be entered by their cookie, a revision is known to be dead when its
 * dispatcher is.
 */
#include "sweep.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "counters.h"
#include "error.h"
#include "hook.h"
#include "kernel.h"
#include "resume.h"

static bool entry_runs(const struct census *census, const struct store_entry *entry)
{
	for (size_t i = 0; i < census->count; i++) {
		if (sighting_runs(&census->list[i], entry->chain, entry->revision))
			return true;
	}
	return false;
}

/*
 * A dispatcher of another ABI version may be the one that an entry of the store
 * belongs to, which this version cannot tell: then nothing goes that seems dead.
 */
static bool other_version_runs(const struct census *census)
{
	for (size_t i = 0; i < census->count; i++) {
		if (census->list[i].foreign_abi)
			return true;
	}
	return false;
}

/* One wait serves all that a sweep lets go of. */
static void settle_once(bool *settled)
{
	if (!*settled)
		hook_settle();
	*settled = true;
}

/* Must succeed before the next change, which begins its counters with these. */
static int entry_fold(const struct store_entry *entry, bool *settled)
{
	auto_(fd) int previous_fd = -1;
	auto_(fd) int base_fd = -1;
	int r;

	r = store_get(entry->path, "previous", &previous_fd);
	if (r == -ENOENT)
		return 0;
	if (r == 0)
		r = store_get(entry->path, "base", &base_fd);
	if (r == 0) {
		settle_once(settled);
		r = counters_fold(base_fd, previous_fd);
	}
	if (r < 0)
		return fail_errno(r, "chain '%s': cannot complete its counters", entry->chain);
	store_unpin(entry->path, "previous");
	return 0;
}

struct leaving {
	const struct census *census;
	const struct store_entry *entry;
	bool interrupted;
	struct daisy_hook_key gone[64];
	size_t count;
};

static bool hook_runs(const struct leaving *leaving, const struct daisy_hook_key *key)
{
	for (size_t i = 0; i < leaving->census->count; i++) {
		const struct sighting *sighting = &leaving->census->list[i];

		if (sighting->ifindex == key->ifindex && sighting->at == key->at)
			return sighting_runs(sighting, leaving->entry->chain, leaving->entry->revision);
	}
	return false;
}

static int hook_leave(const struct daisy_hook_key *key, const struct daisy_hook_info *info, void *data)
{
	struct leaving *leaving = data;
	struct hook hook = { .ifindex = key->ifindex, .at = key->at, .flags = info->flags };
	int r;

	if (hook_runs(leaving, key))
		return 0;
	/* Without a change that was killed, somebody else cleared the hook; a clsact that is there now is not daisy's. */
	r = leaving->interrupted ? hook_tc.release(&hook) : 0;
	if (r < 0)
		return r;
	/* More of them wait for the next command. */
	if (leaving->count < ARRAY_SIZE(leaving->gone))
		leaving->gone[leaving->count++] = *key;
	return 0;
}

/*
 * Hooks that a revision lists but that do not run it: the clsact made for them
 * goes. If it runs elsewhere, so does the record that daisy made one, lest it be
 * applied to a clsact that somebody makes there later; if not, its records may be
 * those of the revision that follows it, too.
 */
static int hooks_leave(const struct census *census, const struct store_entry *entry, bool interrupted)
{
	struct leaving leaving = { .census = census, .entry = entry, .interrupted = interrupted };
	auto_(fd) int fd = -1;
	int r;

	r = store_get(entry->path, "hooks", &fd);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	r = hooks_each(fd, hook_leave, &leaving);
	for (size_t i = 0; i < leaving.count && entry_runs(census, entry); i++)
		bpf_map_delete_elem(fd, &leaving.gone[i]);
	return r;
}

struct id_list {
	uint32_t *list;
	size_t count;
};

static int ids_add(struct id_list *ids, const uint32_t *more, uint32_t count)
{
	uint32_t *grown = reallocarray(ids->list, ids->count + count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	ids->list = grown;
	memcpy(&grown[ids->count], more, count * sizeof(*more));
	ids->count += count;
	return 0;
}

static int ids_of_program(uint32_t id, struct id_list *ids)
{
	auto_(fd) int fd = -1;
	struct prog_facts facts;
	int r;

	r = prog_open(id, &fd);
	if (r == 0)
		r = prog_facts(fd, &facts);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if (strcmp(facts.info.name, DISPATCHER_NAME) != 0)
		return 0;
	return ids_add(ids, facts.map_ids, facts.map_count);
}

/* The maps of all dispatchers of this kernel. */
static int dispatcher_maps_alive(struct id_list *ids)
{
	uint32_t id = 0;
	int r;

	while ((r = bpf_prog_get_next_id(id, &id)) == 0) {
		r = ids_of_program(id, ids);
		if (r < 0)
			return r;
	}
	return r == -ENOENT ? 0 : r;
}

/* What cannot be looked at counts as alive. */
static bool entry_alive(const struct store_entry *entry, const struct id_list *ids)
{
	auto_(fd) int fd = -1;
	struct bpf_map_info info;
	int r;

	r = store_get(entry->path, "slots", &fd);
	if (r == 0)
		r = map_info(fd, &info);
	if (r < 0)
		return r != -ENOENT;
	for (size_t i = 0; i < ids->count; i++) {
		if (ids->list[i] == info.id)
			return true;
	}
	return false;
}

static void sweep_others(const struct store *store, const struct census *census)
{
	struct id_list ids = { 0 };
	bool read = false;

	for (size_t i = 0; i < census->entries.count; i++) {
		const struct store_entry *entry = &census->entries.list[i];

		/* One in the middle of a change is completed by a command in its own netns. */
		if (text_equal(entry->netns, store->netns) || resume_marked(entry->path))
			continue;
		if (!read && dispatcher_maps_alive(&ids) < 0)
			break;
		read = true;
		if (!entry_alive(entry, &ids))
			store_drop(entry->path);
	}
	free(ids.list);
}

/* @interrupted: a change was, so what it made may stand without what it was made for. */
static int sweep_own(const struct store *store, const struct census *census, bool interrupted)
{
	bool settled = false;

	for (size_t i = 0; i < census->entries.count; i++) {
		const struct store_entry *entry = &census->entries.list[i];
		bool runs = entry_runs(census, entry);
		int r = 0;

		if (!text_equal(entry->netns, store->netns) || (!runs && other_version_runs(census)))
			continue;
		if (runs)
			r = entry_fold(entry, &settled);
		if (r < 0)
			return r;
		r = hooks_leave(census, entry, interrupted);
		/* Nothing but the mark tells that the clsact is daisy's, and no other change may begin beside a mark. */
		if (r < 0 && interrupted)
			return fail_errno(r, "chain '%s': cannot remove the clsact that was made for it", entry->chain);
		if (r < 0 || runs)
			continue;
		settle_once(&settled);
		store_drop(entry->path);
	}
	return 0;
}

static void unmark_own(const struct store *store, const struct census *census)
{
	for (size_t i = 0; i < census->entries.count; i++) {
		if (text_equal(census->entries.list[i].netns, store->netns))
			resume_unmark(census->entries.list[i].path);
	}
}

int sweep(const struct store *store, struct census *ret_census)
{
	auto_(census) struct census census = { 0 };
	bool marked = false, resumed = false;
	int r;

	r = census_take(store, &census);
	if (r == 0)
		r = resume(store, &census, &marked, &resumed);
	if (r == 0 && resumed) {
		census_clear(&census);
		r = census_take(store, &census);
	}
	if (r == 0)
		r = sweep_own(store, &census, marked);
	if (r < 0)
		return r;
	/* Last: while they stand, all of this is done again by the next command. */
	if (marked)
		unmark_own(store, &census);
	sweep_others(store, &census);
	store_tidy(store);
	*ret_census = census;
	census = (struct census){ 0 };
	return 0;
}
