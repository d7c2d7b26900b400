/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * resume.h: a change is marked in the store before it touches its first hook, so
 * that one which is killed between two hooks, or two chains, is not left so.
 */
#ifndef DAISY_RESUME_H
#define DAISY_RESUME_H

#include "census.h"

/*
 * Marks the revision at @path as one that is about to run, where @prog_fd, its
 * dispatcher of any side, is not on all hooks yet. Says what failed.
 */
int resume_mark_coming(const char *path, int prog_fd);
/* Marks the revision at @path, which runs and has this map, as one that no other follows. Says what failed. */
int resume_mark_leaving(const char *path, int map_fd);
bool resume_marked(const char *path);
/* Takes either mark away. Without words. */
void resume_unmark(const char *path);

/*
 * Completes what is marked in the store's netns if a hook of it was touched, on
 * all hooks of all its chains. *@ret_marked: there are marks, which the caller
 * takes away when the rest is in order; *@ret_resumed: hooks were changed, so
 * @census is out of date. Says what failed.
 */
int resume(const struct store *store, const struct census *census, bool *ret_marked, bool *ret_resumed);

#endif
