/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* dispatcher.h: bpf/dispatcher.bpf.c as a thing to load, and to recognise when it is met in the kernel. */
#ifndef DAISY_DISPATCHER_H
#define DAISY_DISPATCHER_H

#include "daisy_abi.h"
#include "util.h"

#define DISPATCHER_NAME "daisy"	/* of the program, in the kernel */

/* The maps of a dispatcher, and its pins of the same name without "daisy_". */
enum dispatcher_map {
	MAP_SLOTS,
	MAP_COUNTERS,
	MAP_BASE,
	MAP_HOOKS,
	MAP_COUNT,
};

/* "daisy_slots", ... */
const char *dispatcher_map_name(enum dispatcher_map map);

/*
 * Loads a dispatcher with @manifest. A map whose fd is -1 is made, with room for
 * @manifest->hook_count hooks, and its fd stored; the others are used as they
 * are. Fds stored are the caller's, also on failure. Says what failed.
 */
int dispatcher_load(const struct daisy_manifest *manifest, int map_fds[MAP_COUNT], int *ret_fd);

/*
 * Reads the manifest of a loaded program. -ENOENT: not a dispatcher;
 * -EPROTO: one of another ABI version. Without words.
 */
int dispatcher_read(int prog_fd, struct daisy_manifest *ret_manifest);
/* Opens the program's maps. -EPROTO: they are not of this ABI version's sizes. Says nothing. */
int dispatcher_maps(int prog_fd, int map_fds[MAP_COUNT]);

/* Closes all and sets them to -1. */
void maps_close(int map_fds[MAP_COUNT]);
#define MAPS_NONE { [0 ... MAP_COUNT - 1] = -1 }

#endif
