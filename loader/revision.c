// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * A chain -> one loaded revision: members, maps, dispatchers, pins.
 *
 * Everything that can be refused is done here, before any packet is touched:
 * when a revision is made and pinned, all that is left is to swap a program.
 * That, and undoing it, is commit.c's.
 */
#include "revision.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "counters.h"
#include "error.h"
#include "kernel.h"
#include "manifest.h"

struct making {
	struct chain *wanted;
	const struct chain *present;
	const struct dispatcher_seen *seen;
	uint32_t number;
	struct revision *revision;
};

void revision_free(struct revision *revision)
{
	if (!revision)
		return;
	for (uint32_t i = 0; i < revision->manifest.count && revision->members; i++)
		program_free(revision->members[i]);
	for (enum daisy_at at = 0; at < DAISY_AT_COUNT; at++)
		fd_close(revision->prog_fds[at]);
	maps_close(revision->map_fds);
	fd_close(revision->previous_fd);
	free(revision->members);
	free(revision->path);
	free(revision);
}

void revision_unpin(const struct revision *revision)
{
	for (uint32_t i = 0; i < revision->manifest.count; i++)
		program_unpin(revision->members[i]);
}

static int revision_new(size_t members, struct revision **ret_revision)
{
	auto_(revision) struct revision *revision = calloc(1, sizeof(*revision));

	if (!revision)
		return fail_memory();
	for (enum dispatcher_map map = 0; map < MAP_COUNT; map++)
		revision->map_fds[map] = -1;
	for (enum daisy_at at = 0; at < DAISY_AT_COUNT; at++)
		revision->prog_fds[at] = -1;
	revision->previous_fd = -1;
	revision->members = calloc(members, sizeof(*revision->members));
	if (!revision->members)
		return fail_memory();
	*ret_revision = TAKE_PTR(revision);
	return 0;
}

static const struct filter *present_filter(const struct making *making, const char *name)
{
	return making->present ? chain_find(making->present, name) : NULL;
}

/* The id of the program whose maps may be taken over; 0 when there is none any more. */
static uint32_t running_program(const struct filter *was)
{
	auto_(fd) int fd = -1;

	return was && prog_open(was->prog_id, &fd) != -ENOENT ? was->prog_id : 0;
}

/* A program that is gone, because somebody removed its pin, is loaded once more from where it came. */
static bool can_reload(const struct filter *filter)
{
	return filter->source.kind == DAISY_SOURCE_OBJECT || filter->source.kind == DAISY_SOURCE_PINNED;
}

static int member_take(const struct making *making, struct filter *filter, struct program **ret_member)
{
	int r = program_take(filter->prog_id, ret_member);

	if (r == -ENOENT && can_reload(filter)) {
		error_clear();
		return program_load(filter, 0, ret_member);
	}
	/* What a taken program asks for is not to be seen any more; its dispatcher knew. */
	if (r == 0 && making->seen && making->seen->manifest.needs_dst)
		(*ret_member)->needs_dst = true;
	return r;
}

/* It would run a chain within the chain, whose slots nobody keeps. */
static int check_member(const struct program *member)
{
	auto_(mem) struct daisy_manifest *manifest = malloc(sizeof(*manifest));
	int r;

	if (!manifest)
		return fail_memory();
	r = dispatcher_read(member->fd, manifest);
	if (r == 0 || r == -EPROTO)
		return fail(-EINVAL, "program id %u is a dispatcher of daisy", member->id);
	return 0;
}

static int member_make(const struct making *making, struct filter *filter, struct program **ret_member)
{
	const struct filter *was = present_filter(making, filter->name);
	int r;

	if (filter->prog_id && !filter->reload)
		r = member_take(making, filter, ret_member);
	else
		r = program_load(filter, running_program(was), ret_member);
	if (r == 0)
		r = check_member(*ret_member);
	if (r < 0) {
		error_prepend("filter '%s'", filter->name);
		return r;
	}
	filter->prog_id = (*ret_member)->id;
	memcpy(filter->tag, (*ret_member)->tag, sizeof(filter->tag));
	return 0;
}

/*
 * How many programs there are to be tail-called: by the dispatcher, and by a
 * member through arrays of its own. A packet that meets more than the kernel's
 * 33 misses the rest.
 */
static uint32_t member_tail_calls(const struct program *member)
{
	uint32_t calls = 1;

	for (size_t i = 0; i < member->array_count; i++) {
		uint32_t key, *last = NULL, next, id;

		while (calls < DAISY_TAIL_CALLS && bpf_map_get_next_key(member->array_fds[i], last, &next) == 0) {
			key = next;
			last = &key;
			calls += bpf_map_lookup_elem(member->array_fds[i], &key, &id) == 0;
		}
	}
	return calls;
}

static int members_make(const struct making *making)
{
	struct revision *revision = making->revision;
	int r = 0;

	for (size_t i = 0; i < making->wanted->filter_count && r == 0; i++) {
		r = member_make(making, making->wanted->filters[i], &revision->members[i]);
		/* Counted as they come, for revision_free(). */
		revision->manifest.count = (uint32_t)i + 1;
		if (r == 0)
			revision->tail_calls += member_tail_calls(revision->members[i]);
	}
	return r;
}

static int manifest_make(const struct making *making)
{
	struct daisy_manifest *manifest = &making->revision->manifest;
	const struct chain *wanted = making->wanted;
	int r;

	r = manifest_write(wanted, manifest);
	if (r < 0)
		return r;
	manifest->revision = making->number;
	manifest->hook_count = (uint32_t)wanted->hook_count;
	manifest->hook = wanted->hook_count == 1 ? 0 : -1;
	for (uint32_t i = 0; i < manifest->count; i++)
		manifest->needs_dst |= making->revision->members[i]->needs_dst;
	return 0;
}

/* The index of @hook in the running revision's counters, -1: it does not run there. Says what failed. */
static int hook_index_before(const struct making *making, const struct hook *hook, int32_t *ret_index)
{
	struct daisy_hook_key key = { .ifindex = hook->ifindex, .at = hook->at };
	struct daisy_hook_info info;
	int r = -ENOENT;

	if (making->seen)
		r = bpf_map_lookup_elem(making->seen->map_fds[MAP_HOOKS], &key, &info);
	if (r < 0 && r != -ENOENT)
		return fail_errno(r, "dev %s %s: cannot read the hook's record", hook->dev, at_word(hook->at));
	*ret_index = r == 0 ? (int32_t)info.index : -1;
	return 0;
}

/* Counters go on as they are while every filter keeps its place and the chain its hooks. */
static int counters_fit(const struct making *making, bool *ret_fit)
{
	const struct chain *present = making->present, *wanted = making->wanted;
	int32_t index = 0;
	int r = 0;

	*ret_fit = false;
	if (!making->seen || present->filter_count != wanted->filter_count ||
	    making->seen->manifest.hook_count != wanted->hook_count)
		return 0;
	for (size_t i = 0; i < wanted->filter_count; i++) {
		if (!text_equal(present->filters[i]->name, wanted->filters[i]->name))
			return 0;
	}
	for (size_t i = 0; i < wanted->hook_count && r == 0 && index >= 0; i++)
		r = hook_index_before(making, &wanted->hooks[i], &index);
	*ret_fit = r == 0 && index >= 0;
	return r;
}

static int fd_copy(int fd, int *ret_fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);

	if (copy < 0)
		return fail_errno(-errno, "cannot copy a file descriptor");
	*ret_fd = copy;
	return 0;
}

static int counters_keep(const struct making *making)
{
	static const enum dispatcher_map kept[] = { MAP_COUNTERS, MAP_BASE, MAP_HOOKS };
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(kept) && r == 0; i++)
		r = fd_copy(making->seen->map_fds[kept[i]], &making->revision->map_fds[kept[i]]);
	return r;
}

static void places_before(const struct making *making, int32_t from[DAISY_SLOTS])
{
	for (size_t i = 0; i < DAISY_SLOTS; i++) {
		from[i] = -1;
		if (making->present && i < making->wanted->filter_count)
			from[i] = (int32_t)chain_index(making->present, making->wanted->filters[i]->name);
	}
}

int revision_note_hook(int hooks_fd, const struct hook *hook, uint32_t index)
{
	struct daisy_hook_key key = { .ifindex = hook->ifindex, .at = hook->at };
	struct daisy_hook_info info = {
		.index = index,
		.flags = hook->flags,
		.prio = hook->prio,
		.handle = hook->handle,
	};
	int r = bpf_map_update_elem(hooks_fd, &key, &info, BPF_ANY);

	return r < 0 ? fail_errno(r, "dev %s %s: cannot enter the hook", hook->dev, at_word(hook->at)) : 0;
}

/* Fresh counters, which go on where those of the running revision end. */
static int counters_start(const struct making *making)
{
	const struct chain *wanted = making->wanted;
	struct revision *revision = making->revision;
	int old_base_fd = making->seen ? making->seen->map_fds[MAP_BASE] : -1;
	int32_t from[DAISY_SLOTS];
	int r = 0;

	places_before(making, from);
	for (size_t i = 0; i < wanted->hook_count && r == 0; i++) {
		const struct hook *hook = &wanted->hooks[i];
		int32_t index;

		r = hook_index_before(making, hook, &index);
		if (r == 0)
			r = revision_note_hook(revision->map_fds[MAP_HOOKS], hook, (uint32_t)i);
		if (r < 0)
			return r;
		r = counters_begin(revision->map_fds[MAP_BASE], (uint32_t)i, old_base_fd, index, from);
		if (r < 0)
			return fail_errno(r, "chain '%s': cannot begin its counters", wanted->name);
	}
	/* Behind them lies the entry of hooks that are not listed: nothing was counted there before. */
	r = counters_begin(revision->map_fds[MAP_BASE], (uint32_t)wanted->hook_count, -1, -1, from);
	if (r < 0)
		return fail_errno(r, "chain '%s': cannot begin its counters", wanted->name);
	if (making->seen)
		return fd_copy(making->seen->map_fds[MAP_COUNTERS], &revision->previous_fd);
	return 0;
}

static int program_id(int fd, uint32_t *ret_id)
{
	struct prog_facts facts;
	int r = prog_facts(fd, &facts);

	if (r < 0)
		return fail_errno(r, "cannot read the dispatcher");
	*ret_id = facts.info.id;
	return 0;
}

static int dispatchers_load(const struct making *making)
{
	struct revision *revision = making->revision;
	int r;

	for (size_t i = 0; i < making->wanted->hook_count; i++) {
		enum daisy_at at = making->wanted->hooks[i].at;

		if (revision->prog_fds[at] >= 0)
			continue;
		revision->manifest.at = at;
		r = dispatcher_load(&revision->manifest, revision->map_fds, &revision->prog_fds[at]);
		if (r == 0)
			r = program_id(revision->prog_fds[at], &revision->prog_ids[at]);
		if (r < 0)
			return r;
	}
	return 0;
}

static int slots_fill(const struct making *making)
{
	const struct revision *revision = making->revision;

	for (uint32_t i = 0; i < revision->manifest.count; i++) {
		int r = bpf_map_update_elem(revision->map_fds[MAP_SLOTS], &i, &revision->members[i]->fd, BPF_ANY);

		/* The kernel's array_map_alloc'd owner: type, JIT and, on newer kernels, expected_attach_type. */
		if (r == -EINVAL)
			return fail(r, "filter '%s': program id %u cannot be called by a dispatcher: Invalid argument (was it loaded for another attach type, tcx for example, or without JIT?)",
				    making->wanted->filters[i]->name, revision->members[i]->id);
		if (r < 0)
			return fail_errno(r, "filter '%s': cannot enter program id %u", making->wanted->filters[i]->name,
					  revision->members[i]->id);
	}
	return 0;
}

int revision_make(struct chain *wanted, const struct chain *present, const struct dispatcher_seen *seen,
		  uint32_t number, struct revision **ret_revision)
{
	auto_(revision) struct revision *revision = NULL;
	struct making making = { .wanted = wanted, .present = present, .seen = seen, .number = number };
	bool fit = false;
	int r;

	r = revision_new(wanted->filter_count, &revision);
	if (r < 0)
		return r;
	making.revision = revision;
	r = members_make(&making);
	if (r == 0)
		r = manifest_make(&making);
	if (r == 0)
		r = counters_fit(&making, &fit);
	if (r == 0 && fit)
		r = counters_keep(&making);
	if (r == 0)
		r = dispatchers_load(&making);
	if (r == 0)
		r = slots_fill(&making);
	if (r == 0 && !fit)
		r = counters_start(&making);
	if (r < 0) {
		revision_unpin(revision);
		return r;
	}
	*ret_revision = TAKE_PTR(revision);
	return 0;
}

static int pin_maps(const struct revision *revision)
{
	static const char prefix[] = "daisy_";
	int r = 0;

	for (enum dispatcher_map map = 0; map < MAP_COUNT && r == 0; map++)
		r = store_pin(revision->path, dispatcher_map_name(map) + strlen(prefix), revision->map_fds[map]);
	if (r == 0 && revision->previous_fd >= 0)
		r = store_pin(revision->path, "previous", revision->previous_fd);
	return r;
}

static int pin_member(const struct revision *revision, uint32_t index)
{
	const struct program *member = revision->members[index];
	char name[64];
	int r;

	snprintf(name, sizeof(name), "prog_%02u", index);
	r = store_pin(revision->path, name, member->fd);
	for (size_t i = 0; i < member->array_count && r == 0; i++) {
		snprintf(name, sizeof(name), "array_%02u_%zu", index, i);
		r = store_pin(revision->path, name, member->array_fds[i]);
	}
	return r;
}

int revision_pin(struct revision *revision, const struct store *store)
{
	int r;

	revision->path = store_path(store, revision->manifest.chain, revision->manifest.revision);
	if (!revision->path)
		return fail_memory();
	r = store_make(revision->path);
	if (r == 0)
		r = pin_maps(revision);
	for (uint32_t i = 0; i < revision->manifest.count && r == 0; i++)
		r = pin_member(revision, i);
	return r;
}
