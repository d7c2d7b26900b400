/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* revision.h: chain -> one loaded dispatcher with all it needs, and a manifest in the kernel -> chain. */
#ifndef DAISY_REVISION_H
#define DAISY_REVISION_H

#include "census.h"
#include "chain.h"
#include "dispatcher.h"
#include "program.h"
#include "store.h"

/* One immutable state of a chain, loaded but not (or not yet) on any hook. */
struct revision {
	struct daisy_manifest manifest;
	int map_fds[MAP_COUNT];
	int previous_fd;	/* counters of the revision before, to be folded in; -1: counters go on */
	int prog_fds[DAISY_AT_COUNT]; /* dispatcher for each side, -1: no hook there */
	uint32_t prog_ids[DAISY_AT_COUNT];
	struct program **members;	/* manifest.count of them */
	uint32_t tail_calls;	/* that a packet may make, its members' own among them */
	char *path;		/* in the store; set once something is pinned there */
};

/*
 * Loads @wanted as revision @number, behind @present (what runs under its name
 * and that chain's dispatcher, both NULL: nothing does). Filters that are to be
 * loaded get their source completed, prog_id and tag. Hooks need prio, handle
 * and flags. Says what failed.
 */
int revision_make(struct chain *wanted, const struct chain *present, const struct dispatcher_seen *seen,
		  uint32_t number, struct revision **ret_revision);
void revision_free(struct revision *revision);
DEFINE_CLEANUP(revision, struct revision *, revision_free)

/* Takes back the pins by name that loading its members made: for a change that is refused after all. */
void revision_unpin(const struct revision *revision);

/* Pins all of it below @store. Says what failed; whatever was pinned is the caller's to drop (path). */
int revision_pin(struct revision *revision, const struct store *store);


/* Enters a hook's record into a hooks map; @index is its entry in the counters. Says what failed. */
int revision_note_hook(int hooks_fd, const struct hook *hook, uint32_t index);

#endif
