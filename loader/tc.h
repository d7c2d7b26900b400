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
	size_t told;		/* all that the kernel told of, also what is no filter by itself */
};

void tc_filters_clear(struct tc_filters *filters);
static inline void tc_filters_cleanup(struct tc_filters *filters) { tc_filters_clear(filters); }

/* A device's clsact, or the older qdisc `ingress`. */
struct tc_qdisc {
	uint32_t ifindex;
	char kind[16];
};

struct tc_qdiscs {
	struct tc_qdisc *list;
	size_t count;
};

void tc_qdiscs_clear(struct tc_qdiscs *qdiscs);
static inline void tc_qdiscs_cleanup(struct tc_qdiscs *qdiscs) { tc_qdiscs_clear(qdiscs); }
/* The kind of the device's, "" when it has none. */
const char *tc_qdisc_kind(const struct tc_qdiscs *qdiscs, uint32_t ifindex);
/* Those of all devices. Without words. */
int tc_qdiscs_read(struct tc_qdiscs *ret_qdiscs);
/* That of one device: its kind, "" when there is none. Without words. */
int tc_qdisc_read(uint32_t ifindex, char kind[16]);

/* The parent of one side's filters, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS or _EGRESS). */
uint32_t tc_parent(enum daisy_at at);
/*
 * All filters of one side. None, also without a clsact or without the device: an
 * empty list. On the qdisc `ingress`, which has one side, the kernel answers for
 * egress too, with the filters of ingress. Without words.
 */
int tc_filters_read(uint32_t ifindex, enum daisy_at at, struct tc_filters *ret_filters);
/* Ids of the programs that tcx runs there before any filter; none where the kernel has no tcx. Without words. */
int tc_tcx_read(uint32_t ifindex, enum daisy_at at, uint32_t *ids, uint32_t *count);

#endif
