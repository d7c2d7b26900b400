/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * plan.h: wanted - present = steps. Pure data: no system call, no kernel words.
 */
#ifndef DAISY_PLAN_H
#define DAISY_PLAN_H

#include "chain.h"

enum step_kind {
	STEP_ADD,
	STEP_REPLACE,
	STEP_DEL,
	STEP_MOVE,
	STEP_ATTACH,
	STEP_DETACH,
};

/* One thing that a change does, for people and for JSON. */
struct step {
	enum step_kind kind;
	char *chain;
	char *filter;		/* NULL for ATTACH and DETACH */
	char *dev;		/* ATTACH and DETACH */
	enum daisy_at at;
	char *why;		/* "program changed", "prio 10 -> 20", ... or NULL */
};

struct plan {
	struct step *steps;
	size_t count;
};

void plan_clear(struct plan *plan);
static inline void plan_cleanup(struct plan *plan) { plan_clear(plan); }

const char *step_word(enum step_kind kind);
/* "replace filter 'meter' of chain 'edge': program changed" into fresh memory, NULL without memory. */
char *step_text(const struct step *step);

/* What separates @present (NULL: runs nowhere) from @wanted (no filters: is taken off all hooks). Appends to @plan. */
int plan_steps(const struct chain *present, const struct chain *wanted, struct plan *plan);

/*
 * The chain that applying @file (in its order) on @present (may be NULL) gives.
 *
 * Filters of @present that @file does not name keep their place behind the
 * filter they stood behind; with @prune those of @owner are left out instead.
 * A filter that changes keeps reload/fresh_maps set for the loader; an equal one
 * keeps the loaded program (prog_id, tag, source). Another owner's filter is
 * changed, or given to another owner, only with @force: otherwise -EPERM, with
 * words. A new filter may have any owner.
 * The hooks of the result are those of @file.
 */
int plan_merge(const struct chain *present, const struct chain *file, const char *owner,
	       bool prune, bool force, struct chain **ret_wanted);

/*
 * Gives every filter without prio or with one out of order a prio, changing as
 * few as can be, so that prios never fall along the chain; then a handle that is
 * unique within its prio to every filter without one or with one that is taken.
 * @fixed(filter) tells which prios must stay; -EINVAL with words when those fall.
 */
int plan_number(struct chain *chain, bool (*fixed)(const struct filter *filter));

#endif
