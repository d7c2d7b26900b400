/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * crash.h: a daisy command that is stopped at a system call of one's choice
 * (crash.c), and what it leaves of a chain (crash_scene.c): the old one, the new
 * one, or neither (crash_play.c).
 */
#ifndef CRASH_H
#define CRASH_H

#include "lab.h"

/* --- the command */

struct crash_stop {
	size_t at;		/* at the so many-th system call of main(); 0: nowhere */
	int error;		/* that call fails with this errno; 0: SIGKILL when it begins */
};

struct crash {
	int code;		/* exit code, or 128 + signal */
	char *out, *err;
	bool stopped;		/* false: it ended before its call number @at */
	uint64_t call, argument;/* the one it was stopped at */
	uint64_t *numbers;	/* of all calls that it made */
	size_t calls;
};

void crash_clear(struct crash *crash);
static inline void crash_cleanup(struct crash *crash) { crash_clear(crash); }

/* `daisy @words`, split at blanks. Bounded in time. */
struct crash crash_daisy(struct crash_stop stop, const char *words);
/* Whether calls can be made to fail on this machine; killing needs nothing. */
bool crash_can_fail(void);

/* --- the scene */

/* Where chains run: ingress and egress of lab.dev, ingress of a second device. */
enum crash_place { CRASH_IN, CRASH_OUT, CRASH_OTHER, CRASH_PLACES };
#define CRASH_AT(place) (1U << (place))
#define CRASH_AT_ALL (CRASH_AT(CRASH_PLACES) - 1)

/*
 * A chain's filters are letters, which are their names: a small one is object
 * count; a capital one is object count_other as the filter of the small letter;
 * '.' ends the chain for every packet and is called stop.
 */
struct crash_chain {
	const char *name;
	const char *before, *after;	/* NULL: there is no such chain */
	unsigned int places_before, places_after; /* CRASH_AT() each */
};

struct crash_scene {
	const char *what;		/* for messages */
	struct crash_chain chains[2];
	const char *words;		/* the command; %s: a file of what is wanted, if it takes one */
};

/* Every change, for both suites. */
extern const struct crash_scene crash_add_first, crash_add, crash_replace, crash_del, crash_del_last, crash_move,
	crash_apply, crash_apply_first, crash_apply_two, crash_flush, crash_attach, crash_detach;

/*
 * Stops the scene's command at its every system call, one after the other, from
 * the same beginning each time, until it ends by itself. Each time the old chain
 * or the new one must run, at once and after one more command, whole, with
 * nothing beside it; and changes must go on from there.
 */
void crash_kill_everywhere(const struct crash_scene *scene);
/*
 * The same, but the call fails: with ENOMEM, EPERM, ENOSPC and EINTR in turn, or
 * each with all of them if DAISY_FAULTS=all. What the command says must be true.
 */
void crash_fail_everywhere(const struct crash_scene *scene);
/*
 * Kills the scene's command between its hooks, and again behind the last one, and
 * stops the command that comes next, too, everywhere: what that has begun to
 * complete must become the new chain. With @fail, its calls fail.
 */
void crash_stop_next(const struct crash_scene *scene, bool fail);

#endif
