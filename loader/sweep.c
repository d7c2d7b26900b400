// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What a killed command or somebody else's change left behind, put in order.
 *
 * Every command begins here, holding the lock, so nothing that is seen is in the
 * middle of a change. A chain that runs in two revisions is brought to the newer
 * one; a revision that runs nowhere goes, with its pins and the clsact that was
 * made for it. In other network namespaces, which cannot be entered by their
 * cookie, a revision is known to be dead when its dispatcher is.
 */
#include "sweep.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "counters.h"
#include "error.h"
#include "hook.h"
#include "kernel.h"

static struct hook hook_of(const struct sighting *sighting)
{
	const struct tc_filter *filter = &sighting->filters.list[sighting->place];
	struct hook hook = {
		.dev = (char *)sighting->dev,
		.ifindex = sighting->ifindex,
		.at = sighting->at,
		.prio = filter->prio,
		.handle = filter->handle,
	};

	return hook;
}

static bool listed(const struct dispatcher_seen *seen, const struct sighting *sighting)
{
	struct daisy_hook_key key = { .ifindex = sighting->ifindex, .at = sighting->at };
	struct daisy_hook_info info;

	return bpf_map_lookup_elem(seen->map_fds[MAP_HOOKS], &key, &info) == 0;
}

/* The revision of @seen for side @at: the program that runs elsewhere, or one more of the same maps. */
static int dispatcher_for(const struct census *census, const struct dispatcher_seen *seen, enum daisy_at at,
			  int *ret_fd)
{
	struct daisy_manifest manifest = seen->manifest;
	int map_fds[MAP_COUNT];

	for (size_t i = 0; i < census->seen_count; i++) {
		const struct daisy_manifest *other = &census->seen[i]->manifest;

		if (other->at == at && other->revision == manifest.revision &&
		    strcmp(other->chain, manifest.chain) == 0)
			return prog_open(census->seen[i]->prog_id, ret_fd);
	}
	manifest.at = at;
	memcpy(map_fds, seen->map_fds, sizeof(map_fds));
	return dispatcher_load(&manifest, map_fds, ret_fd);
}

static int heal_hook(const struct census *census, const struct sighting *sighting,
		     const struct dispatcher_seen *newest)
{
	struct hook hook = hook_of(sighting);
	auto_(fd) int fd = -1;
	int r;

	if (!listed(newest, sighting))
		return hook_tc.detach(&hook);
	r = dispatcher_for(census, newest, sighting->at, &fd);
	if (r < 0)
		return fail_errno(r, "chain '%s': cannot complete an interrupted change", newest->manifest.chain);
	return hook_tc.swap(&hook, fd);
}

/* *@ret_healed: whether the census is out of date now. */
static int heal(const struct census *census, bool *ret_healed)
{
	for (size_t i = 0; i < census->count; i++) {
		const struct sighting *sighting = &census->list[i];
		const struct dispatcher_seen *newest;
		int r;

		if (!sighting->seen)
			continue;
		newest = census_newest(census, sighting->seen->manifest.chain);
		if (newest->manifest.revision == sighting->seen->manifest.revision)
			continue;
		r = heal_hook(census, sighting, newest);
		if (r < 0)
			return r;
		*ret_healed = true;
	}
	return 0;
}

static bool entry_runs(const struct census *census, const struct store_entry *entry)
{
	for (size_t i = 0; i < census->count; i++) {
		if (sighting_runs(&census->list[i], entry->chain, entry->revision))
			return true;
	}
	return false;
}

static void entry_fold(const struct census *census, const struct store_entry *entry)
{
	const struct dispatcher_seen *seen = census_newest(census, entry->chain);
	auto_(fd) int previous_fd = -1;

	if (store_get(entry->path, "previous", &previous_fd) < 0)
		return;
	counters_settle();
	/* Until it succeeds the counts are read from both, so a failure loses nothing. */
	if (counters_fold(seen->map_fds[MAP_BASE], previous_fd) == 0)
		store_unpin(entry->path, "previous");
}

struct leaving {
	const struct census *census;
	const struct store_entry *entry;
	int hooks_fd;
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

	if (hook_runs(leaving, key))
		return 0;
	hook_tc.release(&hook);
	/* More of them wait for the next command. */
	if (leaving->count < ARRAY_SIZE(leaving->gone))
		leaving->gone[leaving->count++] = *key;
	return 0;
}

/*
 * Hooks that a revision lists but that do not run it: the clsact made for them
 * goes, and so does the record that daisy made one, lest it be applied to a
 * clsact that somebody makes there later.
 */
static void hooks_leave(const struct census *census, const struct store_entry *entry)
{
	auto_(fd) int fd = -1;
	struct leaving leaving = { .census = census, .entry = entry };

	if (store_get(entry->path, "hooks", &fd) < 0)
		return;
	hooks_each(fd, hook_leave, &leaving);
	for (size_t i = 0; i < leaving.count; i++)
		bpf_map_delete_elem(fd, &leaving.gone[i]);
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

static bool entry_alive(const struct store_entry *entry, const struct id_list *ids)
{
	auto_(fd) int fd = -1;
	struct bpf_map_info info;

	if (store_get(entry->path, "slots", &fd) < 0 || map_info(fd, &info) < 0)
		return false;
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

		if (text_equal(entry->netns, store->netns))
			continue;
		if (!read && dispatcher_maps_alive(&ids) < 0)
			break;
		read = true;
		if (!entry_alive(entry, &ids))
			store_drop(entry->path);
	}
	free(ids.list);
}

static void sweep_own(const struct store *store, const struct census *census)
{
	for (size_t i = 0; i < census->entries.count; i++) {
		const struct store_entry *entry = &census->entries.list[i];

		if (!text_equal(entry->netns, store->netns))
			continue;
		if (entry_runs(census, entry))
			entry_fold(census, entry);
		hooks_leave(census, entry);
		if (!entry_runs(census, entry))
			store_drop(entry->path);
	}
}

int sweep(const struct store *store, struct census *ret_census)
{
	auto_(census) struct census census = { 0 };
	bool healed = false;
	int r;

	r = census_take(store, &census);
	if (r == 0)
		r = heal(&census, &healed);
	if (r == 0 && healed) {
		census_clear(&census);
		r = census_take(store, &census);
	}
	if (r < 0)
		return r;
	sweep_own(store, &census);
	sweep_others(store, &census);
	store_tidy(store);
	*ret_census = census;
	census = (struct census){ 0 };
	return 0;
}
