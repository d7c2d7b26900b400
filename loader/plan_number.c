// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The numbers of a chain: prios that never fall, handles unique within a prio.
 *
 * A number that stands is somebody's habit, in a script or in a firewall's other
 * rules, so as few as can be are changed; which ones must not be, the caller
 * tells. Pure data, as plan.c.
 */
#include "plan.h"

#include <errno.h>

#include "error.h"
#include "rank.h"

static bool filter_fixed(const struct filter *filter, bool (*fixed)(const struct filter *))
{
	return fixed && filter->prio != 0 && fixed(filter);
}

static int check_range(const struct filter *filter)
{
	if (filter->prio > CHAIN_PRIO_MAX)
		return fail_input(-EINVAL, "filter '%s': prio %u is above %u", filter->name, filter->prio,
				  CHAIN_PRIO_MAX);
	if (filter->handle > CHAIN_HANDLE_MAX)
		return fail_input(-EINVAL, "filter '%s': handle %u is above %u", filter->name, filter->handle,
				  CHAIN_HANDLE_MAX);
	return 0;
}

static int check_pair(const struct filter *first, const struct filter *second)
{
	if (first->prio > second->prio)
		return fail_input(-EINVAL, "filter '%s' with prio %u cannot run before filter '%s' with prio %u",
				  first->name, first->prio, second->name, second->prio);
	if (first->prio == second->prio && first->handle && first->handle == second->handle)
		return fail_input(-EEXIST, "filters '%s' and '%s' cannot both have handle %u of prio %u",
				  first->name, second->name, first->handle, first->prio);
	return 0;
}

/* Fixed numbers are all known before any is given, so a refusal leaves the chain as it was. */
static int check_fixed(const struct chain *chain, bool (*fixed)(const struct filter *))
{
	int r;

	for (size_t i = 0; i < chain->filter_count; i++) {
		if (!filter_fixed(chain->filters[i], fixed))
			continue;
		r = check_range(chain->filters[i]);
		for (size_t j = 0; j < i && r == 0; j++) {
			if (filter_fixed(chain->filters[j], fixed))
				r = check_pair(chain->filters[j], chain->filters[i]);
		}
		if (r < 0)
			return r;
	}
	return 0;
}

static void rank_prios(const struct chain *chain, bool (*fixed)(const struct filter *), struct rank *ranks)
{
	for (size_t i = 0; i < chain->filter_count; i++) {
		const struct filter *filter = chain->filters[i];

		if (filter->prio == 0 || filter->prio > CHAIN_PRIO_MAX)
			continue;
		ranks[i].value = filter->prio;
		/* One fixed prio outweighs all others together. */
		ranks[i].weight = filter_fixed(filter, fixed) ? chain->filter_count + 1 : 1;
	}
	ranks_keep(ranks, chain->filter_count);
}

static uint32_t next_kept(const struct chain *chain, const struct rank *ranks, size_t index)
{
	for (; index < chain->filter_count; index++) {
		if (ranks[index].kept)
			return chain->filters[index]->prio;
	}
	return CHAIN_PRIO_MAX;
}

static void give_prios(struct chain *chain, const struct rank *ranks)
{
	uint32_t prio = 0;

	for (size_t i = 0; i < chain->filter_count; i++) {
		struct filter *filter = chain->filters[i];
		uint32_t limit = next_kept(chain, ranks, i);

		/* A tie says nothing of who runs first, so it is kept for a gap of none. Rounded up, for 0 is no prio. */
		if (!ranks[i].kept)
			filter->prio = prio + CHAIN_PRIO_STEP < limit ? prio + CHAIN_PRIO_STEP
								      : (prio + limit + 1) / 2;
		prio = filter->prio;
	}
}

/* Whose number counts more: a fixed one, then one that stayed in its prio, then one that came to it. */
static int filter_standing(const struct filter *filter, const struct rank *rank, bool (*fixed)(const struct filter *))
{
	if (!rank->kept)
		return 0;
	return filter_fixed(filter, fixed) ? 2 : 1;
}

/* Of filters that share prio and handle one keeps it: the first to run of those that stand highest. */
static bool handle_lost(const struct chain *chain, size_t index, const struct rank *ranks,
			bool (*fixed)(const struct filter *))
{
	const struct filter *filter = chain->filters[index];
	int standing = filter_standing(filter, &ranks[index], fixed);

	if (filter->handle > CHAIN_HANDLE_MAX)
		return true;
	for (size_t i = 0; i < chain->filter_count; i++) {
		const struct filter *other = chain->filters[i];
		int above;

		if (i == index || other->prio != filter->prio || other->handle != filter->handle)
			continue;
		above = filter_standing(other, &ranks[i], fixed) - standing;
		if (above > 0 || (above == 0 && i < index))
			return true;
	}
	return false;
}

static int give_handles(struct chain *chain, const struct rank *ranks, bool (*fixed)(const struct filter *))
{
	for (size_t i = 0; i < chain->filter_count; i++) {
		if (handle_lost(chain, i, ranks, fixed))
			chain->filters[i]->handle = 0;
	}
	/* Only now: a free handle must not be one that a later filter keeps. */
	for (size_t i = 0; i < chain->filter_count; i++) {
		struct filter *filter = chain->filters[i];

		if (filter->handle)
			continue;
		filter->handle = chain_free_handle(chain, filter->prio, filter);
		if (!filter->handle)
			return fail(-ENOSPC, "filter '%s': no handle is free in prio %u", filter->name, filter->prio);
	}
	return 0;
}

int plan_number(struct chain *chain, bool (*fixed)(const struct filter *filter))
{
	auto_(mem) struct rank *ranks = NULL;
	int r;

	r = check_fixed(chain, fixed);
	if (r < 0)
		return r;
	ranks = ranks_new(chain->filter_count);
	if (!ranks)
		return fail_memory();
	rank_prios(chain, fixed, ranks);
	give_prios(chain, ranks);
	return give_handles(chain, ranks, fixed);
}
