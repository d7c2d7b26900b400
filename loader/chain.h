/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * chain.h: an ordered chain of filters, as data. Everything else in daisy turns
 * something into a chain or a chain into something; this room calls nobody.
 */
#ifndef DAISY_CHAIN_H
#define DAISY_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daisy_abi.h"
#include "util.h"

#define DAISY_TAG_SIZE 8
#define DAISY_DIGEST_SIZE 32
#define CHAIN_PRIO_MAX 65535U		/* tc: 16 bits */
#define CHAIN_PRIO_STEP 10U
#define CHAIN_HANDLE_MAX 0x7fffffffU	/* cls_bpf's idr, line 492 of the kernel's cls_bpf_change */

/* Where a filter's program comes from. */
struct source {
	enum daisy_source_kind kind;
	char *path;		/* object file or pin, absolute once resolved */
	char *section;		/* of an object; NULL: not named */
	char *symbol;		/* of an object; NULL: not named */
	uint32_t id;		/* DAISY_SOURCE_ID */
	bool section_named, symbol_named; /* the user named it; otherwise it was found */
	bool has_digest;
	uint8_t digest[DAISY_DIGEST_SIZE]; /* SHA-256 of the object file */
};

struct filter {
	char *name;
	char *owner;
	uint32_t prio;		/* 0: not given yet */
	uint32_t handle;	/* 0: not given yet */
	uint32_t classid;
	uint32_t flags;		/* DAISY_F_* */
	uint32_t continue_on;	/* bits (1 << enum daisy_verdict) */
	struct source source;
	/* What the kernel gave; 0 before it is loaded. */
	uint32_t prog_id;
	uint8_t tag[DAISY_TAG_SIZE];
	/* For plan.c and commit.c: load it although a filter of that name runs (replace). */
	bool reload;
	bool fresh_maps;
	/* For plan_number(): the user named this prio, so it is not to be changed for another's sake. */
	bool prio_fixed;
	bool handle_fixed;	/* the same of the handle */
	bool trial;		/* load it to see whether it can be, and leave no pin of its maps */
	unsigned int line;	/* in the file it was read from, 0: none */
};

/* One place where a chain runs. */
struct hook {
	char *dev;		/* name now; NULL when the device is gone */
	uint32_t ifindex;
	enum daisy_at at;
	uint32_t flags;		/* DAISY_HOOK_* */
	uint32_t prio;		/* of the kernel filter that holds the dispatcher */
	uint32_t handle;
	uint32_t prog_id;	/* dispatcher that runs there; 0: none */
	unsigned int line;
};

struct chain {
	char *name;
	uint32_t revision;	/* 0: runs nowhere */
	enum daisy_engine engine;
	struct filter **filters;
	size_t filter_count;
	struct hook *hooks;
	size_t hook_count;
	unsigned int line;
};

/* All return 0 or a negative errno without words: callers know what to name. */

int filter_new(const char *name, const char *owner, struct filter **ret_filter);
int filter_copy(const struct filter *filter, struct filter **ret_filter);
void filter_free(struct filter *filter);
DEFINE_CLEANUP(filter, struct filter *, filter_free)

int source_copy(struct source *to, const struct source *from);
void source_clear(struct source *source);
/* True if @wanted, as a user names it, is what @present was loaded from. */
bool source_same(const struct source *present, const struct source *wanted);
/* True if all but program, prio and handle are equal. */
bool filter_options_same(const struct filter *a, const struct filter *b);

int chain_new(const char *name, struct chain **ret_chain);
int chain_copy(const struct chain *chain, struct chain **ret_chain);
void chain_free(struct chain *chain);
DEFINE_CLEANUP(chain, struct chain *, chain_free)

struct filter *chain_find(const struct chain *chain, const char *name);
/* Index of the filter called @name, or -ENOENT. */
int chain_index(const struct chain *chain, const char *name);
/* Takes @filter at @index (0 to filter_count). The chain owns it when 0 is returned. */
int chain_insert(struct chain *chain, size_t index, struct filter *filter);
/* Takes the filter out; the caller owns it. */
struct filter *chain_take(struct chain *chain, size_t index);
void chain_remove(struct chain *chain, size_t index);

struct hook *chain_find_hook(const struct chain *chain, uint32_t ifindex, enum daisy_at at);
int chain_add_hook(struct chain *chain, const char *dev, uint32_t ifindex, enum daisy_at at);
void chain_remove_hook(struct chain *chain, struct hook *hook);

/*
 * Where a filter with @prio goes: before the first filter whose prio is not
 * lower, as cls_bpf puts the newest of one prio first (line 525).
 */
size_t chain_place(const struct chain *chain, uint32_t prio);
/* Lowest handle free within @prio (line 492), looking past @except; 0 if all are taken. */
uint32_t chain_free_handle(const struct chain *chain, uint32_t prio, const struct filter *except);

/* Names: 1 to 255 bytes of UTF-8 without control characters; chains and owners 1 to 63. */
bool name_valid_filter(const char *name);
bool name_valid_short(const char *name);

/* Words of the contract; a word that is none gives -EINVAL. */
const char *at_word(enum daisy_at at);
const char *engine_word(enum daisy_engine engine);
int engine_parse(const char *word, enum daisy_engine *ret_engine);
const char *verdict_word(enum daisy_verdict verdict);
int verdict_parse(const char *word, enum daisy_verdict *ret_verdict);
/* "1:10" with hexadecimal parts as tc writes them. */
int classid_parse(const char *text, uint32_t *ret_classid);
char *classid_format(char *to, size_t size, uint32_t classid);

#endif
