// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * A change that was killed between two hooks, or two chains: completed or forgotten.
 *
 * Hooks are changed one by one, and what runs on them does not tell whether more
 * were to follow: an empty hook may be one that a new chain was not put on yet,
 * or one that somebody cleared. So every chain of a change bears a mark in the
 * store while hooks are touched. All marks that are met belong to one change,
 * because no other could begin: one hook that was touched completes all of it.
 */
#include "resume.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "error.h"
#include "hook.h"
#include "kernel.h"

#define COMING "coming"		/* the new revision's manifest: a dispatcher can be made of it */
#define LEAVING "leaving"

int resume_mark_coming(const char *path, int prog_fd)
{
	auto_(fd) int fd = -1;
	struct prog_facts facts;
	int r;

	r = prog_facts(prog_fd, &facts);
	if (r == 0)
		r = prog_map(&facts, ".rodata", &fd);
	if (r < 0)
		return fail_errno(r, "cannot read the dispatcher of %s", path);
	return store_pin(path, COMING, fd);
}

int resume_mark_leaving(const char *path, int map_fd)
{
	/* The directory of a chain whose pins somebody removed is made anew for it. */
	int r = store_make(path);

	return r < 0 ? r : store_pin(path, LEAVING, map_fd);
}

bool resume_marked(const char *path)
{
	auto_(fd) int fd = -1;

	return store_get(path, COMING, &fd) == 0 || store_get(path, LEAVING, &fd) == 0;
}

void resume_unmark(const char *path)
{
	store_unpin(path, COMING);
	store_unpin(path, LEAVING);
}

/* --- what is marked */

struct marked {
	const struct store_entry *entry;
	bool coming;
	int hooks_fd;
};

struct marked_list {
	struct marked *list;
	size_t count;
};

static void marked_list_cleanup(struct marked_list *marked)
{
	for (size_t i = 0; i < marked->count; i++)
		fd_close(marked->list[i].hooks_fd);
	free(marked->list);
}

/* -ENOENT without words when it is not there. */
static int pin_open(const struct store_entry *entry, const char *name, int *ret_fd)
{
	int r = store_get(entry->path, name, ret_fd);

	return r < 0 && r != -ENOENT ? fail_errno(r, "cannot open %s/%s", entry->path, name) : r;
}

/* -ENOENT without words for one that is not marked, or of which no more than litter is left. */
static int marked_open(const struct store_entry *entry, struct marked *ret_marked)
{
	auto_(fd) int coming_fd = -1;
	auto_(fd) int leaving_fd = -1;
	auto_(fd) int hooks_fd = -1;
	int r;

	r = pin_open(entry, COMING, &coming_fd);
	if (r == -ENOENT)
		r = pin_open(entry, LEAVING, &leaving_fd);
	if (r == 0)
		r = pin_open(entry, "hooks", &hooks_fd);
	if (r < 0)
		return r;
	*ret_marked = (struct marked){ .entry = entry, .coming = coming_fd >= 0, .hooks_fd = TAKE_FD(hooks_fd) };
	return 0;
}

static int marked_add(struct marked_list *marked, const struct store_entry *entry)
{
	struct marked *grown = reallocarray(marked->list, marked->count + 1, sizeof(*grown));
	int r;

	if (!grown)
		return fail_memory();
	marked->list = grown;
	r = marked_open(entry, &grown[marked->count]);
	if (r == 0)
		marked->count++;
	return r == -ENOENT ? 0 : r;
}

static int marked_find(const struct store *store, const struct census *census, struct marked_list *marked)
{
	int r = 0;

	for (size_t i = 0; i < census->entries.count && r == 0; i++) {
		if (text_equal(census->entries.list[i].netns, store->netns))
			r = marked_add(marked, &census->entries.list[i]);
	}
	return r;
}

static bool runs(const struct sighting *sighting, const struct marked *marked)
{
	return sighting_runs(sighting, marked->entry->chain, marked->entry->revision);
}

/* -ENOENT without words when it is not. */
static int listed(const struct sighting *sighting, const struct marked *marked)
{
	struct daisy_hook_key key = { .ifindex = sighting->ifindex, .at = sighting->at };
	struct daisy_hook_info info;
	int r = bpf_map_lookup_elem(marked->hooks_fd, &key, &info);

	return r < 0 && r != -ENOENT ? fail_errno(r, "cannot read %s/hooks", marked->entry->path) : r;
}

/* 1 if a hook has what was coming, or has not what was leaving any more. */
static int touched(const struct census *census, const struct marked *marked)
{
	for (size_t i = 0; i < census->count; i++) {
		int r = listed(&census->list[i], marked);

		if (r == 0 && runs(&census->list[i], marked) == marked->coming)
			return 1;
		if (r < 0 && r != -ENOENT)
			return r;
	}
	return 0;
}

static int any_touched(const struct census *census, const struct marked_list *marked)
{
	int r = 0;

	for (size_t i = 0; i < marked->count && r == 0; i++)
		r = touched(census, &marked->list[i]);
	return r;
}

/* --- completing it */

static int manifest_load(const struct store_entry *entry, struct daisy_manifest *manifest)
{
	auto_(mem) void *value = NULL;
	auto_(fd) int fd = -1;
	struct bpf_map_info info;
	uint32_t key = 0;
	int r;

	r = pin_open(entry, COMING, &fd);
	if (r == 0)
		r = map_info(fd, &info);
	if (r < 0)
		return r;
	if (info.value_size < sizeof(*manifest))
		return -EPROTO;
	value = malloc(info.value_size);
	if (!value)
		return -ENOMEM;
	r = bpf_map_lookup_elem(fd, &key, value);
	if (r == 0)
		memcpy(manifest, value, sizeof(*manifest));
	return r;
}

static int maps_open(const struct store_entry *entry, int map_fds[MAP_COUNT])
{
	static const char prefix[] = "daisy_";
	int r = 0;

	for (enum dispatcher_map map = 0; map < MAP_COUNT && r == 0; map++)
		r = pin_open(entry, dispatcher_map_name(map) + strlen(prefix), &map_fds[map]);
	return r;
}

static int dispatcher_make(const struct store_entry *entry, enum daisy_at at, int *ret_fd)
{
	auto_(mem) struct daisy_manifest *manifest = malloc(sizeof(*manifest));
	int map_fds[MAP_COUNT] = MAPS_NONE;
	int r;

	if (!manifest)
		return fail_memory();
	r = manifest_load(entry, manifest);
	if (r == 0)
		r = maps_open(entry, map_fds);
	if (r == 0) {
		manifest->at = at;
		r = dispatcher_load(manifest, map_fds, ret_fd);
	}
	maps_close(map_fds);
	return r;
}

/* The program that runs elsewhere, or one more of the same maps. */
static int dispatcher_for(const struct census *census, const struct marked *marked, enum daisy_at at, int *ret_fd)
{
	for (size_t i = 0; i < census->count; i++) {
		const struct sighting *sighting = &census->list[i];

		if (sighting->at == at && runs(sighting, marked))
			return prog_open(sighting->seen->prog_id, ret_fd);
	}
	return dispatcher_make(marked->entry, at, ret_fd);
}

static struct hook hook_of(const struct sighting *sighting)
{
	struct hook hook = { .dev = (char *)sighting->dev, .ifindex = sighting->ifindex, .at = sighting->at };

	if (sighting->seen) {
		hook.prio = sighting->filters.list[sighting->place].prio;
		hook.handle = sighting->filters.list[sighting->place].handle;
		hook.prog_id = sighting->seen->prog_id;
	}
	return hook;
}

static int hook_put(const struct census *census, const struct marked *marked, const struct sighting *sighting)
{
	struct hook hook = hook_of(sighting);
	auto_(fd) int fd = -1;
	int r;

	r = dispatcher_for(census, marked, sighting->at, &fd);
	if (r < 0)
		return fail_errno(r, "chain '%s': cannot complete an interrupted change", marked->entry->chain);
	if (!sighting->seen) {
		r = hook_tc.place(&hook);
		if (r == 0)
			r = hook_tc.make(&hook);
	}
	return r < 0 ? r : sighting->seen ? hook_tc.swap(&hook, fd) : hook_tc.attach(&hook, fd);
}

static int complete_hook(const struct census *census, const struct marked *marked, const struct sighting *sighting)
{
	bool ours = sighting->seen && strcmp(sighting->seen->manifest.chain, marked->entry->chain) == 0;
	struct hook hook = hook_of(sighting);
	int r = listed(sighting, marked);

	if (r < 0 && r != -ENOENT)
		return r;
	/* Off: what is leaving, and the hooks that the coming revision has not got. */
	if (ours && (r == -ENOENT || !marked->coming))
		return hook_tc.detach(&hook);
	/* A device that is gone, and a hook that another chain has, cannot be had any more. */
	if (!marked->coming || r == -ENOENT || runs(sighting, marked) || !sighting->dev[0] ||
	    (sighting->seen && !ours))
		return 0;
	r = hook_put(census, marked, sighting);
	/* Nor one that refuses by now: the chain is as complete as it can be, and must not keep others from theirs. */
	if (r < 0 && !sighting->seen) {
		error_clear();
		return 0;
	}
	return r;
}

static int complete(const struct census *census, const struct marked *marked)
{
	int r = 0;

	for (size_t i = 0; i < census->count && r == 0; i++)
		r = complete_hook(census, marked, &census->list[i]);
	return r;
}

int resume(const struct store *store, const struct census *census, bool *ret_marked, bool *ret_resumed)
{
	auto_(marked_list) struct marked_list marked = { 0 };
	int began, r;

	r = marked_find(store, census, &marked);
	if (r < 0)
		return r;
	began = any_touched(census, &marked);
	if (began < 0)
		return began;
	for (size_t i = 0; i < marked.count && began && r == 0; i++)
		r = complete(census, &marked.list[i]);
	if (r < 0)
		return r;
	*ret_marked = marked.count > 0;
	*ret_resumed = began;
	return 0;
}
