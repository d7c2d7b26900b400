/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * view.h: what show, show -j and export are given: the state of hooks as data,
 * read from the kernel by query.c or made up by a test.
 */
#ifndef DAISY_VIEW_H
#define DAISY_VIEW_H

#include "chain.h"

struct view_filter {
	struct filter *filter;		/* owned */
	uint32_t *map_ids;
	size_t map_count;
	struct daisy_count reached;	/* packets and bytes that reached it */
	struct daisy_count by[DAISY_VERDICTS]; /* by[DAISY_UNSPEC]: let go on, whatever value made it so */
	uint64_t missing;
};

enum view_where { VIEW_BEFORE, VIEW_AFTER };

struct view_foreign {
	enum view_where where;		/* runs before or after the chain */
	char *kind;			/* "cls_bpf", "u32", "tcx", ... */
	uint32_t prio, handle;		/* 0: unknown */
	char *name;			/* or NULL */
	uint32_t prog_id;		/* 0: no program */
	uint8_t tag[DAISY_TAG_SIZE];
	bool has_tag;
};

/* One hook: with a chain (chain != NULL), or only with foreign filters on it. */
struct view_hook {
	char *netns;			/* name, path, or cookie in words */
	char *dev;
	uint32_t ifindex;
	enum daisy_at at;
	char *chain;			/* NULL: no daisy chain here */
	uint32_t revision;
	enum daisy_engine engine;
	uint32_t prio, handle, prog_id;	/* of the kernel filter that holds the dispatcher */
	const char *attach;		/* "clsact" */
	struct daisy_count total;
	struct view_filter *filters;
	size_t filter_count;
	struct view_foreign *foreign;	/* in run order */
	size_t foreign_count;
	bool damaged;			/* the prog array's pin is gone: every slot is empty */
};

struct view {
	struct view_hook *hooks;
	size_t hook_count;
};

void view_clear(struct view *view);
static inline void view_cleanup(struct view *view) { view_clear(view); }

#endif
