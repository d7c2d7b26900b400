/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* crash_parts.h: what a scene means, in words and files, and what is seen of it; for crash_*.c alone. */
#ifndef CRASH_PARTS_H
#define CRASH_PARTS_H

#include "crash.h"

#define OTHER "other0"
#define LETTERS 26

enum state { BEFORE, AFTER, NEITHER };

/* --- crash_scene.c: the scene itself */

const char *scene_name(const struct crash_chain *chain);
/* The letters of its filters; NULL: there is no such chain. */
const char *scene_order(const struct crash_chain *chain, enum state state);
uint32_t scene_revision(const struct crash_chain *chain, enum state state);
/* What runs there; NULL: nothing. */
const struct crash_chain *scene_chain(const struct crash_scene *scene, enum state state, enum crash_place place);
const char *place_dev(enum crash_place place);
const char *place_at(enum crash_place place);
/* Whether the programs with these @letters, in any order, are those that a packet must meet there. */
bool scene_runs(const struct crash_scene *scene, enum state state, enum crash_place place, const char *letters);
/* A file that apply makes the state of; NULL if nothing runs in it. */
const char *scene_file(const struct crash_scene *scene, enum state state, const char *name);
/* The command, with this file; the caller frees it. */
char *scene_words(const struct crash_scene *scene, const char *file);

/* --- crash_look.c: what is seen */

struct picture {
	char *pins;	/* names of all */
	char *tc;	/* qdiscs, and filters of every place */
};

struct picture picture_take(void);
void picture_clear(struct picture *picture);
static inline void picture_cleanup(struct picture *picture) { picture_clear(picture); }
bool picture_same(const struct picture *a, const struct picture *b);
/* The same but for what is another with every load. */
bool picture_like(const struct picture *a, const struct picture *b);

/*
 * Sends one packet into every place. @ret_letters: which of the scene's programs
 * counted it, each by a letter; one that counted it twice is told by a number, too.
 */
struct crash_letters { char at[CRASH_PLACES][128]; };
void packets_send(const struct crash_scene *scene, struct crash_letters *ret_letters);

/* --- crash_tc.c */

/* All qdiscs, and the filters of both sides of these devices; the caller frees it. */
char *tc_text(const char *const devices[], size_t count);

#endif
