/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* tc.h: what the kernel tells of the qdisc and the filters of a device's hook. It reads only; hook_tc.c attaches. */
#ifndef DAISY_TC_H
#define DAISY_TC_H

#include "chain.h"

struct tc_filter {
	char kind[16];		/* "bpf", "u32", ... */
	uint32_t chain;		/* of tc: packets start in 0 */
	uint32_t prio;
	uint32_t handle;
	uint16_t protocol;	/* ETH_P_*, host order */
	/* Of kind bpf: */
	uint32_t prog_id;	/* 0: none, or classic */
	uint8_t tag[DAISY_TAG_SIZE];
	bool has_tag;
	char name[DAISY_NAME_SIZE];
};

/* In the order in which they run. */
struct tc_filters {
	struct tc_filter *list;
	size_t count;
};

void tc_filters_clear(struct tc_filters *filters);
static inline void tc_filters_cleanup(struct tc_filters *filters) { tc_filters_clear(filters); }

/* The parent of one side's filters, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS or _EGRESS). */
uint32_t tc_parent(enum daisy_at at);
/* All filters of one side. None, also without a clsact or without the device: an empty list. Without words. */
int tc_filters_read(uint32_t ifindex, enum daisy_at at, struct tc_filters *ret_filters);
/* The kind of the qdisc at ffff: ("clsact" or "ingress"), "" when there is none. Without words. */
int tc_qdisc_read(uint32_t ifindex, char kind[16]);
/* Ids of the programs that tcx runs there before any filter; none where the kernel has no tcx. Without words. */
int tc_tcx_read(uint32_t ifindex, enum daisy_at at, uint32_t *ids, uint32_t *count);

#endif
