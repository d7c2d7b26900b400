/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* census.h: which dispatchers run on which hooks of this netns, as the kernel tells it. */
#ifndef DAISY_CENSUS_H
#define DAISY_CENSUS_H

#include <net/if.h>

#include "chain.h"
#include "dispatcher.h"
#include "store.h"
#include "tc.h"

/* A dispatcher that was met, once however many hooks run it. */
struct dispatcher_seen {
	uint32_t prog_id;
	int prog_fd;
	struct daisy_manifest manifest;
	int map_fds[MAP_COUNT];
};

/* One hook that was looked at. */
struct sighting {
	uint32_t ifindex;
	enum daisy_at at;
	char dev[IF_NAMESIZE];		/* "" when the device is gone */
	char qdisc[16];			/* what the filters hang on, "" when there is nothing */
	struct tc_filters filters;
	size_t place;			/* of the dispatcher among the filters */
	const struct dispatcher_seen *seen; /* NULL: none there */
	bool foreign_abi;		/* a dispatcher of another ABI version is there */
};

struct census {
	struct sighting *list;
	size_t count;
	struct dispatcher_seen **seen;
	size_t seen_count;
	struct store_entries entries;
	struct tc_qdiscs qdiscs;
};

/* Looks at every hook that the store knows of. Says what failed. */
int census_take(const struct store *store, struct census *ret_census);
void census_clear(struct census *census);
static inline void census_cleanup(struct census *census) { census_clear(census); }
/* Looks at every hook there is, for chains that the store has lost. Says what failed. */
int census_look_everywhere(struct census *census);
/* Looks at one more hook, unless it was looked at; what is handed out is good until the next look. Says what failed. */
int census_look(struct census *census, uint32_t ifindex, enum daisy_at at, const struct sighting **ret_sighting);

/* The hook's own record: its entry in the maps of the dispatcher that it runs. -ENOENT: not listed there. */
int sighting_info(const struct sighting *sighting, struct daisy_hook_info *ret_info);
/* Whether the slots of a dispatcher hold its members: they are emptied when pins and fds are gone. */
bool dispatcher_whole(const struct dispatcher_seen *seen);
/* True if this entry of the store is the revision that @sighting runs. */
bool sighting_runs(const struct sighting *sighting, const char *chain, uint32_t revision);
/* The highest revision of @chain that runs anywhere, NULL: none. */
const struct dispatcher_seen *census_newest(const struct census *census, const char *chain);

/*
 * What runs under the name @chain: filters, hooks, revision. -ENOENT without
 * words when nothing does.
 */
int census_chain(const struct census *census, const char *chain, struct chain **ret_chain);

/* Calls @each for every hook of a hooks map, stopping when it does not return 0. */
int hooks_each(int map_fd, int (*each)(const struct daisy_hook_key *key, const struct daisy_hook_info *info, void *data),
	       void *data);

#endif
