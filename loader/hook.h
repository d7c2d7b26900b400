/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* hook.h: how a dispatcher gets on a hook, is exchanged there, and goes; one hook_ops for each kind of hook. */
#ifndef DAISY_HOOK_H
#define DAISY_HOOK_H

#include "chain.h"

/*
 * Each names the device in its words. All are idempotent, so that an answer
 * which was lost on its way may be asked for again.
 */
struct hook_ops {
	/*
	 * For a dispatcher that is not there yet: finds prio and handle, and sets
	 * DAISY_HOOK_CLSACT in @hook->flags if make will have to make clsact.
	 */
	int (*place)(struct hook *hook);
	/* Makes what packets pass by (clsact), if it is not there. */
	int (*make)(const struct hook *hook);
	/* Puts the program (@hook's prog_id) at @hook's prio and handle, where nobody else's filter may be. */
	int (*attach)(const struct hook *hook, int prog_fd);
	/* Puts the program in the place of the dispatcher that is there. */
	int (*swap)(const struct hook *hook, int prog_fd);
	/* Takes @hook's prog_id away; 0 when it is not there. Somebody else's filter in its place stays. */
	int (*detach)(const struct hook *hook);
	/* Takes away the clsact that daisy made (flags), unless something hangs on it. Without words. */
	int (*release)(const struct hook *hook);
};

extern const struct hook_ops hook_tc;

/*
 * Waits until no packet runs through a program that was taken off its hook
 * before. Only then may the program's prog array lose its last pin, which
 * empties it, and are its counters final.
 */
void hook_settle(void);

#define HOOK_TC_PRIO 49U
#define HOOK_TC_HANDLE 1U

#endif
