/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* netns.h: network namespaces: which one is meant, its name for bpffs, and being inside for a while. */
#ifndef DAISY_NETNS_H
#define DAISY_NETNS_H

#include "util.h"

/* Opens a netns by name (below /run/netns) or path (anything with a slash); NULL: the thread's own. Says why not. */
int netns_open(const char *name, int *ret_fd);

/* While one of these is in scope the thread is inside @netns_fd; it goes back at the end. */
struct netns_visit { int home_fd; };
#define NETNS_AT_HOME { -1 }
int netns_enter(int netns_fd, struct netns_visit *visit);
void netns_leave(struct netns_visit *visit);
static inline void netns_visit_cleanup(struct netns_visit *visit) { netns_leave(visit); }

/*
 * The name of the thread's netns in bpffs: its cookie, which is never given
 * twice; where the kernel tells none (before 5.14), "inode-N". Says why not.
 */
int netns_key(char *to, size_t size);

#endif
