// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Wanted chains -> loaded, swapped in on all hooks, or undone.
 *
 * The order is what makes a kill harmless: load everything, pin it, mark it, swap
 * hook by hook, unpin the old. Before the first swap nothing but pins has changed,
 * and behind the last one nothing but pins is left to do: both are swept up by the
 * next command. In between, each hook runs the old revision or the new one, and
 * the next command completes what is marked (resume.c).
 */
#include "commit.h"

#include <errno.h>
#include <string.h>

#include "counters.h"
#include "error.h"
#include "hook.h"
#include "resume.h"

/* One hook that was, or may have been, changed. */
struct undo {
	const struct hook *hook;
	int old_fd;		/* what ran there, -1: nothing */
};

struct undo_list {
	struct undo *list;
	size_t count;
};

int changes_add(struct changes *changes, struct change **ret_change)
{
	struct change *grown = reallocarray(changes->list, changes->count + 1, sizeof(*grown));

	if (!grown)
		return fail_memory();
	changes->list = grown;
	*ret_change = &grown[changes->count++];
	**ret_change = (struct change){ 0 };
	return 0;
}

void changes_clear(struct changes *changes)
{
	for (size_t i = 0; i < changes->count; i++) {
		chain_free(changes->list[i].present);
		chain_free(changes->list[i].wanted);
		revision_free(changes->list[i].revision);
	}
	free(changes->list);
	*changes = (struct changes){ 0 };
}

static const struct hook *hook_before(const struct change *change, const struct hook *hook)
{
	return change->present ? chain_find_hook(change->present, hook->ifindex, hook->at) : NULL;
}

/* A clsact that daisy made for the device's other side is daisy's to remove, whichever side leaves last. */
static int inherit_clsact(struct census *census, struct hook *hook)
{
	enum daisy_at other = hook->at == DAISY_AT_INGRESS ? DAISY_AT_EGRESS : DAISY_AT_INGRESS;
	const struct sighting *sighting;
	struct daisy_hook_info info;
	int r;

	r = census_look(census, hook->ifindex, other, &sighting);
	if (r < 0 || !sighting->seen)
		return r;
	r = sighting_info(sighting, &info);
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return fail_errno(r, "dev %s %s: cannot read the chain's hooks", hook->dev, at_word(other));
	hook->flags |= info.flags & DAISY_HOOK_CLSACT;
	return 0;
}

static int hooks_place(struct census *census, const struct change *change)
{
	int r = 0;

	for (size_t i = 0; i < change->wanted->hook_count && r == 0; i++) {
		struct hook *hook = &change->wanted->hooks[i];
		const struct hook *was = hook_before(change, hook);

		if (was) {
			hook->prio = was->prio;
			hook->handle = was->handle;
			hook->flags = was->flags;
			continue;
		}
		r = hook_tc.place(hook);
		if (r == 0)
			r = inherit_clsact(census, hook);
	}
	return r;
}

static int check_slots(const struct chain *wanted)
{
	if (wanted->filter_count <= DAISY_SLOTS)
		return 0;
	return fail(-E2BIG, "chain '%s': %zu filters are more than the %u that engine tailcall runs on one hook (the kernel allows 33 tail calls a packet): take one out with `daisy del`, or put it on another hook; engine fused, which takes more, is not supported yet",
		    wanted->name, wanted->filter_count, DAISY_SLOTS);
}

static char *old_path(const struct store *store, const struct change *change)
{
	return store_path(store, change->present->name, change->present->revision);
}

/* A chain whose members are loaded, but not by pins of this bpffs, is not to be taken away from those who pinned it. */
static int check_pins(const struct store *store, const struct change *change)
{
	auto_(mem) char *path = NULL;
	auto_(fd) int fd = -1;
	int r;

	if (!change->present)
		return 0;
	path = old_path(store, change);
	if (!path)
		return fail_memory();
	r = store_get(path, "slots", &fd);
	if (r < 0 && r != -ENOENT)
		return fail_errno(r, "cannot open %s/slots", path);
	if (r == 0 || !dispatcher_whole(change->seen))
		return 0;
	return fail(-EBUSY, "chain '%s' is pinned in another bpffs, of another mount namespace: daisy changes it there (from outside of `ip netns exec`: daisy -n)",
		    change->present->name);
}

static void hooks_set_programs(const struct change *change)
{
	for (size_t i = 0; i < change->wanted->hook_count; i++) {
		struct hook *hook = &change->wanted->hooks[i];

		hook->prog_id = change->revision->prog_ids[hook->at];
	}
}

/* More than any revision of the chain that stands in the store: what a kill left there may wait for its clsact. */
static uint32_t revision_next(const struct store *store, const struct census *census, const struct change *change)
{
	uint32_t last = change->present ? change->present->revision : 0;

	for (size_t i = 0; i < census->entries.count; i++) {
		const struct store_entry *entry = &census->entries.list[i];

		if (entry->revision > last && text_equal(entry->netns, store->netns) &&
		    text_equal(entry->chain, change->wanted->name) && access(entry->path, F_OK) == 0)
			last = entry->revision;
	}
	return last + 1;
}

static int change_load(const struct store *store, struct census *census, struct change *change)
{
	int r;

	r = check_pins(store, change);
	if (r < 0)
		return r;

	/* Taken off: nothing to load. */
	if (change->wanted->filter_count == 0)
		while (change->wanted->hook_count > 0)
			chain_remove_hook(change->wanted, &change->wanted->hooks[0]);
	if (change->wanted->hook_count == 0)
		return 0;
	r = check_slots(change->wanted);
	if (r == 0)
		r = hooks_place(census, change);
	if (r == 0)
		r = revision_make(change->wanted, change->present, change->seen,
				  revision_next(store, census, change), &change->revision);
	if (r == 0)
		hooks_set_programs(change);
	return r;
}

void change_name(const struct change *change)
{
	const struct chain *chain = change->wanted->hook_count ? change->wanted : change->present;

	if (!chain || error_kind() != ERROR_FAILED)
		return;
	if (!error_begins("dev ") && !error_begins("chain '"))
		error_prepend("chain '%s'", chain->name);
	if (!error_begins("dev ") && chain->hook_count > 0)
		error_prepend("dev %s %s", chain->hooks[0].dev, at_word(chain->hooks[0].at));
}

static int load_all(const struct store *store, struct census *census, const struct changes *changes)
{
	int r = 0;

	for (size_t i = 0; i < changes->count && r == 0; i++) {
		r = change_load(store, census, &changes->list[i]);
		if (r < 0)
			change_name(&changes->list[i]);
	}
	return r;
}

static int pin_all(const struct store *store, const struct changes *changes)
{
	int r = 0;

	for (size_t i = 0; i < changes->count && r == 0; i++) {
		if (changes->list[i].revision)
			r = revision_pin(changes->list[i].revision, store);
	}
	return r;
}

static int change_mark(const struct store *store, const struct change *change)
{
	auto_(mem) char *old = NULL;

	if (change->revision)
		return resume_mark_coming(change->revision->path,
					  change->revision->prog_fds[change->wanted->hooks[0].at]);
	if (!change->present)
		return 0;
	old = old_path(store, change);
	return old ? resume_mark_leaving(old, change->seen->map_fds[MAP_HOOKS]) : fail_memory();
}

static int mark_all(const struct store *store, const struct changes *changes)
{
	int r = 0;

	for (size_t i = 0; i < changes->count && r == 0; i++)
		r = change_mark(store, &changes->list[i]);
	return r;
}

static void change_unmark(const struct store *store, const struct change *change)
{
	auto_(mem) char *old = NULL;

	if (change->revision && change->revision->path)
		resume_unmark(change->revision->path);
	if (change->revision || !change->present)
		return;
	old = old_path(store, change);
	if (old)
		resume_unmark(old);
}

static int dispatcher_fd(const struct census *census, const struct hook *hook)
{
	for (size_t i = 0; hook && i < census->seen_count; i++) {
		if (census->seen[i]->prog_id == hook->prog_id)
			return census->seen[i]->prog_fd;
	}
	return -1;
}

/* Before the step: an answer that is an error does not tell whether the kernel did it. */
static int undo_note(struct undo_list *undo, const struct census *census, const struct hook *hook,
		     const struct hook *was)
{
	struct undo *grown = reallocarray(undo->list, undo->count + 1, sizeof(*grown));

	if (!grown)
		return fail_memory();
	undo->list = grown;
	grown[undo->count++] = (struct undo){ .hook = hook, .old_fd = dispatcher_fd(census, was) };
	return 0;
}

static int hook_begin(const struct hook *hook, int prog_fd)
{
	int r = hook_tc.make(hook);

	return r < 0 ? r : hook_tc.attach(hook, prog_fd);
}

static int swap_in(struct undo_list *undo, const struct census *census, const struct change *change)
{
	for (size_t i = 0; i < change->wanted->hook_count; i++) {
		const struct hook *hook = &change->wanted->hooks[i];
		const struct hook *was = hook_before(change, hook);
		int r;

		r = undo_note(undo, census, hook, was);
		if (r == 0)
			r = was ? hook_tc.swap(hook, change->revision->prog_fds[hook->at])
				: hook_begin(hook, change->revision->prog_fds[hook->at]);
		if (r < 0)
			return r;
	}
	return 0;
}

static bool hook_stays(const struct change *change, const struct hook *hook)
{
	return chain_find_hook(change->wanted, hook->ifindex, hook->at) != NULL;
}

static int take_off(struct undo_list *undo, const struct census *census, const struct change *change)
{
	for (size_t i = 0; change->present && i < change->present->hook_count; i++) {
		const struct hook *hook = &change->present->hooks[i];
		int r;

		if (hook_stays(change, hook))
			continue;
		r = undo_note(undo, census, hook, hook);
		if (r == 0)
			r = hook_tc.detach(hook);
		if (r < 0)
			return r;
	}
	return 0;
}

static int swap_all(struct undo_list *undo, const struct census *census, const struct changes *changes)
{
	int r = 0;

	for (size_t i = 0; i < changes->count && r == 0; i++)
		r = swap_in(undo, census, &changes->list[i]);
	for (size_t i = 0; i < changes->count && r == 0; i++)
		r = take_off(undo, census, &changes->list[i]);
	return r;
}

static int undo_one(const struct undo *undo)
{
	int r;

	if (undo->old_fd >= 0)
		return hook_tc.swap(undo->hook, undo->old_fd);
	r = hook_tc.detach(undo->hook);
	if (r < 0)
		return r;
	r = hook_tc.release(undo->hook);
	return r < 0 ? fail_errno(r, "dev %s: cannot remove clsact", undo->hook->dev) : 0;
}

/* The sentence of the failure stands, whatever undoing meets; false if not everything could be undone. */
static bool undo_all(const struct undo_list *undo)
{
	auto_(mem) char *trouble = NULL;
	struct error_aside aside = { 0 };

	error_put_aside(&aside);
	for (size_t i = undo->count; i-- > 0;)
		undo_one(&undo->list[i]);
	if (error_stands())
		trouble = text_format("%s", error_text());
	error_clear();
	error_put_back(&aside);
	if (trouble)
		error_append("; and what was there could not be put back: %s", trouble);
	return !trouble;
}

static void drop_staged(const struct store *store, const struct changes *changes)
{
	for (size_t i = 0; i < changes->count; i++) {
		const struct revision *revision = changes->list[i].revision;

		change_unmark(store, &changes->list[i]);
		if (!revision)
			continue;
		revision_unpin(revision);
		if (revision->path)
			store_drop(revision->path);
	}
}

/* Whether a dispatcher was taken off a hook, in whose old program packets may still be. */
static bool need_settle(const struct changes *changes)
{
	for (size_t i = 0; i < changes->count; i++) {
		if (changes->list[i].present)
			return true;
	}
	return false;
}

/* False if not all could go that daisy made: then the old revision's record of it must stay, for the next command. */
static bool release_left(const struct change *change)
{
	bool released = true;

	for (size_t i = 0; change->present && i < change->present->hook_count; i++) {
		const struct hook *hook = &change->present->hooks[i];

		if (!hook_stays(change, hook) && hook_tc.release(hook) < 0)
			released = false;
	}
	return released;
}

static bool change_finish(const struct store *store, const struct change *change)
{
	const struct revision *revision = change->revision;
	auto_(mem) char *old = NULL;

	if (revision && revision->previous_fd >= 0 &&
	    counters_fold(revision->map_fds[MAP_BASE], revision->previous_fd) == 0)
		store_unpin(revision->path, "previous");
	if (!release_left(change))
		return false;
	if (change->present)
		old = old_path(store, change);
	if (old)
		store_drop(old);
	return true;
}

/* The change is made: what fails from here on is left to the next command's sweep. */
static void finish_all(const struct store *store, const struct changes *changes)
{
	bool finished = true;

	if (need_settle(changes))
		hook_settle();
	for (size_t i = 0; i < changes->count; i++) {
		const struct change *change = &changes->list[i];

		finished &= change_finish(store, change);
		change->wanted->revision = change->revision ? change->revision->manifest.revision : 0;
	}
	/* Last: while a mark stands, the next command does what was left of this. */
	for (size_t i = 0; i < changes->count && finished; i++)
		change_unmark(store, &changes->list[i]);
	error_clear();
}

int commit(const struct store *store, struct census *census, const struct changes *changes)
{
	struct undo_list undo = { 0 };
	int r;

	r = load_all(store, census, changes);
	if (r == 0)
		r = pin_all(store, changes);
	if (r == 0)
		r = mark_all(store, changes);
	if (r == 0)
		r = swap_all(&undo, census, changes);
	if (r == 0)
		finish_all(store, changes);
	/* What could not be undone runs the new revision: then its pins must stay, for the next command to complete it. */
	else if (undo_all(&undo)) {
		if (undo.count > 0)
			hook_settle();
		drop_staged(store, changes);
	}
	free(undo.list);
	return r;
}

int commit_try(const struct store *store, struct census *census, const struct changes *changes)
{
	for (size_t i = 0; i < changes->count; i++) {
		const struct chain *wanted = changes->list[i].wanted;

		for (size_t j = 0; j < wanted->filter_count; j++)
			wanted->filters[j]->trial = true;
	}
	return load_all(store, census, changes);
}
