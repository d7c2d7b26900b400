/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * store.h: the bpffs tree: DAISY_ROOT/NETNS/CHAIN/REVISION/PIN. It says nothing
 * of what a pin holds or whether a revision runs: docs/protocol.md has the names.
 */
#ifndef DAISY_STORE_H
#define DAISY_STORE_H

#include "util.h"

#define BPFFS_PATH "/sys/fs/bpf"
#define DAISY_ROOT BPFFS_PATH "/daisy"

struct store {
	int root_fd;		/* holds the lock; -1: there is no tree and none may be made */
	char netns[32];		/* of the thread when the store was opened */
};

/* One revision's directory. */
struct store_entry {
	char *netns;
	char *chain;		/* decoded */
	uint32_t revision;
	char *path;
};

struct store_entries {
	struct store_entry *list;
	size_t count;
};

/* Takes the lock, waiting for who holds it. With @change the tree is made if there is none. Says what failed. */
int store_open(bool change, struct store **ret_store);
void store_close(struct store *store);
DEFINE_CLEANUP(store, struct store *, store_close)

/* Every revision of every netns. Says what failed. */
int store_list(const struct store *store, struct store_entries *ret_entries);
void store_entries_clear(struct store_entries *entries);
static inline void store_entries_cleanup(struct store_entries *entries) { store_entries_clear(entries); }

/* Path of a revision of the store's netns; NULL without memory. */
char *store_path(const struct store *store, const char *chain, uint32_t revision);
/* Makes the directory of a revision, which may stand already. Says what failed. */
int store_make(const char *path);
int store_pin(const char *path, const char *name, int fd);	/* says what failed */
int store_get(const char *path, const char *name, int *ret_fd);	/* without words; -ENOENT */
int store_unpin(const char *path, const char *name);		/* without words */
/* Removes a revision with all its pins, and the directories above it that this leaves empty. Without words. */
int store_drop(const char *path);
/* Removes the directories without a revision that a killed drop left. Without words. */
void store_tidy(const struct store *store);

#endif
