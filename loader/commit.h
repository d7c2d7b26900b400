/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* commit.h: wanted chains -> loaded, swapped in on all hooks, or undone. */
#ifndef DAISY_COMMIT_H
#define DAISY_COMMIT_H

#include "census.h"
#include "revision.h"

/* One chain that is to become another; commit_clear() frees all but seen. */
struct change {
	struct chain *present;			/* NULL: nothing runs under the name */
	const struct dispatcher_seen *seen;	/* present's dispatcher, the census's */
	struct chain *wanted;			/* without filters or without hooks: taken off */
	/* For commit.c. */
	struct revision *revision;
};

struct changes {
	struct change *list;
	size_t count;
};

/*
 * Carries all of @changes out, or none: everything is loaded before anything is
 * swapped, and what was swapped is swapped back if a hook refuses. Filters and
 * hooks of the wanted chains get what the kernel gave. Says what failed.
 */
int commit(const struct store *store, struct census *census, const struct changes *changes);

/* What commit() would do up to the first change of anything: loads all, and says what would be refused. */
int commit_try(const struct store *store, struct census *census, const struct changes *changes);

/* Names the change's chain and one of its hooks before the sentence that stands, unless it does so. */
void change_name(const struct change *change);

int changes_add(struct changes *changes, struct change **ret_change);
void changes_clear(struct changes *changes);
static inline void changes_cleanup(struct changes *changes) { changes_clear(changes); }

#endif
