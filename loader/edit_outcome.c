// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Changes -> numbered, planned, carried out, told: what every changing call does
 * in the end, whether one filter was named (edit.c) or a whole file (apply.c).
 */
#include "edit.h"

#include <errno.h>
#include <string.h>

#include "error.h"

struct daisy_change change_options(const struct daisy_change *given)
{
	struct daisy_change options = { .size = sizeof(options) };

	if (given)
		memcpy(&options, given, given->size < sizeof(options) ? given->size : sizeof(options));
	return options;
}

int check_owner(const struct daisy *daisy, const struct filter *filter, bool force)
{
	if (force || text_equal(filter->owner, daisy->owner))
		return 0;
	return fail(-EPERM, "filter '%s' belongs to owner '%s': use --force", filter->name, filter->owner);
}

int check_owners(const struct daisy *daisy, const struct chain *chain, bool force)
{
	int r = 0;

	for (size_t i = 0; i < chain->filter_count && r == 0; i++)
		r = check_owner(daisy, chain->filters[i], force);
	return r;
}

int check_expect(const struct change *change, const struct daisy_change *options)
{
	uint32_t revision = change->present ? change->present->revision : 0;

	if (!options->set_expect || options->expect == revision)
		return 0;
	if (!change->present)
		return fail_stale("no chain runs there, so revision %u does not", options->expect);
	return fail_stale("chain '%s' is at revision %u, not %u", change->present->name, revision, options->expect);
}

static bool prio_fixed(const struct filter *filter)
{
	return filter->prio_fixed;
}

/* A number that was named is kept or refused; without --force, other owners' numbers are kept. */
static int check_numbers(const struct daisy *daisy, const struct change *change, const struct chain *named, bool force)
{
	for (size_t i = 0; i < change->wanted->filter_count; i++) {
		const struct filter *is = change->wanted->filters[i], *was = NULL;
		int r = 0;

		if (named->filters[i]->handle_fixed && is->handle != named->filters[i]->handle)
			return fail(-EEXIST, "filter '%s': handle %u of prio %u is taken", is->name,
				    named->filters[i]->handle, is->prio);
		was = change->present ? chain_find(change->present, is->name) : NULL;
		if (was && (was->prio != is->prio || was->handle != is->handle))
			r = check_owner(daisy, was, force);
		if (r < 0)
			return r;
	}
	return 0;
}

static int number(const struct daisy *daisy, const struct change *change, bool force)
{
	auto_(chain) struct chain *named = NULL;
	int r;

	if (chain_copy(change->wanted, &named) < 0)
		return fail_memory();
	r = plan_number(change->wanted, prio_fixed);
	return r < 0 ? r : check_numbers(daisy, change, named, force);
}

/* The same chain once more: one whose pins were removed is put on its hooks anew, for no filter of it runs. */
static int plan_repair(const struct change *change, struct plan *plan)
{
	auto_(chain) struct chain *nowhere = NULL;

	if (!change->seen || dispatcher_whole(change->seen))
		return 0;
	if (chain_copy(change->present, &nowhere) < 0)
		return fail_memory();
	while (nowhere->hook_count > 0)
		chain_remove_hook(nowhere, &nowhere->hooks[0]);
	return plan_steps(nowhere, change->wanted, plan);
}

/* Numbers and plans all; what needs no step is left as it runs. */
static int plan_all(const struct daisy *daisy, const struct changes *changes, bool force, struct plan *plan,
		    struct changes *needed)
{
	int r;

	for (size_t i = 0; i < changes->count; i++) {
		struct change *change = &changes->list[i], *copy;
		size_t before = plan->count;

		r = number(daisy, change, force);
		if (r == 0)
			r = plan_steps(change->present, change->wanted, plan);
		if (r == 0 && plan->count == before)
			r = plan_repair(change, plan);
		if (r < 0)
			return r;
		if (plan->count == before) {
			change->wanted->revision = change->present ? change->present->revision : 0;
			continue;
		}
		r = changes_add(needed, &copy);
		if (r < 0)
			return r;
		*copy = *change;
	}
	return 0;
}

static int outcome_add_hook(struct outcome *outcome, const struct chain *chain, const struct hook *hook)
{
	struct outcome_hook *grown = reallocarray(outcome->hooks, outcome->hook_count + 1, sizeof(*grown));
	struct outcome_hook *told;

	if (!grown)
		return fail_memory();
	outcome->hooks = grown;
	told = &grown[outcome->hook_count++];
	*told = (struct outcome_hook){ .ifindex = hook->ifindex, .at = hook->at, .revision = chain->revision };
	if (text_set(&told->chain, chain->name) < 0 || text_set(&told->dev, hook->dev) < 0)
		return fail_memory();
	return 0;
}

static int outcome_tell(struct outcome *outcome, const struct changes *changes)
{
	int r = 0;

	for (size_t i = 0; i < changes->count; i++) {
		const struct chain *chain = changes->list[i].wanted;

		for (size_t j = 0; j < chain->hook_count && r == 0; j++)
			r = outcome_add_hook(outcome, chain, &chain->hooks[j]);
	}
	if (r < 0 || changes->count != 1)
		return r;
	outcome->revision = changes->list[0].wanted->revision;
	return text_set(&outcome->chain, changes->list[0].wanted->name) < 0 ? fail_memory() : 0;
}

/* A member that is not reached counts as missing; better to be told before. The change is made: without memory, no note. */
static void outcome_note(struct outcome *outcome, const struct changes *changes)
{
	for (size_t i = 0; i < changes->count && !outcome->note; i++) {
		const struct revision *revision = changes->list[i].revision;

		if (!revision || revision->tail_calls <= DAISY_TAIL_CALLS)
			continue;
		outcome->note = text_format("chain '%s' and the members' own tail calls can come to %u, of which the kernel makes %u for a packet: what is behind them is passed over",
					    revision->manifest.chain, revision->tail_calls, DAISY_TAIL_CALLS);
	}
}

DEFINE_CLEANUP(outcome_ptr, struct daisy_outcome *, daisy_outcome_free)

int edit_carry_out(struct session *session, struct changes *changes, const struct daisy_change *options,
		   struct daisy_outcome **ret_outcome)
{
	auto_(outcome_ptr) struct daisy_outcome *outcome = calloc(1, sizeof(*outcome));
	struct changes needed = { 0 };
	int r;

	if (!outcome)
		return fail_memory();
	outcome->outcome.dry_run = options->dry_run;
	r = plan_all(session->daisy, changes, options->force, &outcome->outcome.plan, &needed);
	if (r == 0 && needed.count > 0)
		r = (options->dry_run ? commit_try : commit)(session->store, &session->census, &needed);
	if (r == 0)
		outcome_note(&outcome->outcome, &needed);
	for (size_t i = 0; i < needed.count; i++)
		revision_free(needed.list[i].revision);
	free(needed.list);
	if (r == 0)
		r = outcome_tell(&outcome->outcome, changes);
	if (r < 0)
		return r;
	if (ret_outcome)
		*ret_outcome = TAKE_PTR(outcome);
	return 0;
}
