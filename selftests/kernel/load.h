/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * load.h: continuous traffic from a process of its own, in exact numbers, and
 * the times and counters that are taken beside it.
 */
#ifndef LOAD_H
#define LOAD_H

#include "lab.h"

/* What load.bpf.c does with a frame: first byte behind the Ethernet header. */
enum load_kind {
	LOAD_PASS,
	LOAD_DROP,
	LOAD_KINDS,
};

/* How many changes of each kind are to be made: DAISY_CHANGES, or 1000. */
unsigned int load_changes(void);

struct load_traffic;

/*
 * Frames into ingress of lab.dev until load_stop(), by turns some of either
 * kind, on the second CPU where there is one. @burst: frames of one turn. Skips
 * the test on kernels that cannot run live frames.
 */
struct load_traffic *load_start(uint32_t burst);
/* Waits until @more frames have been sent; ends the test if they are not. */
void load_wait(const struct load_traffic *traffic, uint64_t more);
/* All that were sent are through the chain when it returns. */
void load_stop(struct load_traffic *traffic, uint64_t ret_sent[LOAD_KINDS]);

/* --- times */

struct load_times {
	uint64_t *ns;
	size_t count, room;
};

uint64_t load_now(void);
void load_times_add(struct load_times *times, uint64_t ns);
/* One line: "WHAT: 1000 changes, p50 1.2 ms, p99 3.4 ms, max 5.6 ms; REST". Frees the times. */
void load_report(const char *what, struct load_times *times, const char *rest, ...)
	__attribute__((format(printf, 3, 4)));

/* --- counters */

/*
 * Reads all counters through the library; none may be less than it was in
 * *@last (NULL: nothing yet), which becomes what was read.
 */
void load_counters_check(struct daisy *daisy, struct json_object **last);

#endif
