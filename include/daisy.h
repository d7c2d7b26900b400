/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * daisy.h: the public face of libdaisy: chains of tc BPF programs on one hook.
 *
 * Functions return 0 or a negative errno. After a failure daisy_error_text()
 * is one sentence that names the thing and the cause, and daisy_error_kind()
 * tells whose fault it is. Answers through a ret_ pointer are untouched on
 * failure. The library keeps no state of its own: the truth is in the kernel
 * and in bpffs, and every call reads it anew. A struct daisy may be used by one
 * thread at a time; the sentence belongs to the calling thread.
 */
#ifndef DAISY_H
#define DAISY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "daisy_abi.h"

#ifdef __cplusplus
extern "C" {
#endif

#define DAISY_API __attribute__((visibility("default")))

struct daisy;
struct daisy_outcome;
struct daisy_view;

/** enum daisy_error_kind - whose fault a failure is; the value is the command's exit code. */
enum daisy_error_kind {
	DAISY_ERROR_NONE = 0,
	DAISY_ERROR_FAILED = 1,	/* refused or failed; nothing changed */
	DAISY_ERROR_INPUT = 2,	/* the arguments or the file are wrong */
	DAISY_ERROR_STALE = 3,	/* the revision is not the one that was expected */
};

/** daisy_version() - the library's version, as "0.1.0". Static. */
DAISY_API const char *daisy_version(void);

/** daisy_error_text() - the sentence of this thread's last failure, "" when none; valid until the next call. */
DAISY_API const char *daisy_error_text(void);

/** daisy_error_kind() - the kind of this thread's last failure. */
DAISY_API enum daisy_error_kind daisy_error_kind(void);

/**
 * daisy_error_json() - writes the last failure as { "error": "...", "errno": "EINVAL" }.
 * @code: the negative errno that the failing call returned
 * @out: where to
 */
DAISY_API int daisy_error_json(int code, FILE *out);

/**
 * struct daisy_options - where and as whom to work.
 * @size: sizeof(struct daisy_options), so that the struct may grow
 * @netns: name (below /run/netns) or path of a network namespace; NULL: the caller's own
 * @owner: owner of the filters that are added, where a file names no other; NULL: "default"
 */
struct daisy_options {
	size_t size;
	const char *netns;
	const char *owner;
};

/**
 * daisy_new() - makes a context.
 * @options: may be NULL; its strings are copied
 * @ret_daisy: the caller frees it with daisy_free()
 *
 * Errors: -ENOENT (no such netns), -EINVAL (a name that cannot be one), -EPERM, -ENOMEM.
 */
DAISY_API int daisy_new(const struct daisy_options *options, struct daisy **ret_daisy);

/** daisy_free() - ends a context; takes NULL. Chains go on running. */
DAISY_API void daisy_free(struct daisy *daisy);

/**
 * struct daisy_target - which chain is meant.
 * @chain: its name; or NULL, and then
 * @dev: a device's name, and
 * @at: the side of that device
 */
struct daisy_target {
	const char *chain;
	const char *dev;
	enum daisy_at at;
};

/**
 * struct daisy_program - where a filter's program comes from.
 * @kind: DAISY_SOURCE_OBJECT, DAISY_SOURCE_PINNED or DAISY_SOURCE_ID
 * @path: object file or pin
 * @section: of an object, or NULL
 * @symbol: of an object, or NULL; at most one of both
 * @id: of a loaded program
 */
struct daisy_program {
	enum daisy_source_kind kind;
	const char *path;
	const char *section;
	const char *symbol;
	uint32_t id;
};

/**
 * struct daisy_change - how a change is to be made; zeros are the defaults.
 * @size: sizeof(struct daisy_change)
 * @prio: 1 to 65535; 0: behind all others (add), as before (replace)
 * @handle: 1 to 0x7fffffff; 0: lowest free of the prio (add), as before (replace)
 * @before: name of the filter to stand before, or NULL
 * @after: name of the filter to stand behind, or NULL; only one of prio, before, after
 * @continue_on: bits (1 << enum daisy_verdict) behind which the chain goes on
 * @set_continue_on: whether @continue_on is given (replace keeps it otherwise)
 * @fresh_maps: replace does not take the running program's maps over
 * @expect: revision that must be running
 * @set_expect: whether @expect is given; otherwise any
 * @force: another owner's filters may be changed
 * @dry_run: say what would be done and change nothing
 * @prune: for daisy_files_apply(): remove this owner's filters that no file names
 */
struct daisy_change {
	size_t size;
	uint32_t prio;
	uint32_t handle;
	const char *before;
	const char *after;
	uint32_t continue_on;
	bool set_continue_on;
	bool fresh_maps;
	uint32_t expect;
	bool set_expect;
	bool force;
	bool dry_run;
	bool prune;
};

/**
 * daisy_filter_add() - puts a filter into a chain; the first one makes chain and hook.
 * @target: an empty hook gets a chain called DEV-SIDE
 * @name: 1 to 255 bytes of UTF-8, unique in the chain
 * @program: what to load or take
 * @change: may be NULL
 * @ret_outcome: what was done; the caller frees it with daisy_outcome_free(); may be NULL
 *
 * Errors: -EEXIST (name or handle taken), -ENODEV (device), -ENOENT (file, program, chain), -E2BIG (33rd filter),
 * -EINVAL (not a tc program, or refused by the verifier), -ESTALE (@change->expect), -EPERM, -ENOMEM and
 * whatever the kernel answers. The old chain stands after every one.
 */
DAISY_API int daisy_filter_add(struct daisy *daisy, const struct daisy_target *target, const char *name,
			       const struct daisy_program *program, const struct daisy_change *change,
			       struct daisy_outcome **ret_outcome);

/**
 * daisy_filter_replace() - swaps a filter's program or options, keeping its place and matching maps.
 *
 * Parameters and errors as daisy_filter_add(); -ENOENT: no such filter, -EPERM: another owner's.
 */
DAISY_API int daisy_filter_replace(struct daisy *daisy, const struct daisy_target *target, const char *name,
				   const struct daisy_program *program, const struct daisy_change *change,
				   struct daisy_outcome **ret_outcome);

/** daisy_filter_del() - takes a filter out; the last one out takes the chain off its hooks. */
DAISY_API int daisy_filter_del(struct daisy *daisy, const struct daisy_target *target, const char *name,
			       const struct daisy_change *change, struct daisy_outcome **ret_outcome);

/** daisy_filter_move() - moves a filter to before or after another: one of @change->before, @change->after. */
DAISY_API int daisy_filter_move(struct daisy *daisy, const struct daisy_target *target, const char *name,
				const struct daisy_change *change, struct daisy_outcome **ret_outcome);

/** daisy_chain_flush() - takes the whole chain off all its hooks. */
DAISY_API int daisy_chain_flush(struct daisy *daisy, const struct daisy_target *target,
				const struct daisy_change *change, struct daisy_outcome **ret_outcome);

/** daisy_chain_attach() - runs an existing chain on one more hook. -EBUSY: another chain runs there. */
DAISY_API int daisy_chain_attach(struct daisy *daisy, const char *chain, const char *dev, enum daisy_at at,
				 const struct daisy_change *change, struct daisy_outcome **ret_outcome);

/** daisy_chain_detach() - takes a chain off one of its hooks. */
DAISY_API int daisy_chain_detach(struct daisy *daisy, const char *chain, const char *dev, enum daisy_at at,
				 const struct daisy_change *change, struct daisy_outcome **ret_outcome);

/**
 * daisy_files_apply() - makes the running chains what the files say, all or nothing.
 * @paths: daisy.yaml files, @count of them
 * @change: dry_run, force, prune; with several chains no expect
 *
 * Errors: -EINVAL with DAISY_ERROR_INPUT and "FILE:LINE: " for a wrong file; else as daisy_filter_add().
 */
DAISY_API int daisy_files_apply(struct daisy *daisy, const char *const *paths, size_t count,
				const struct daisy_change *change, struct daisy_outcome **ret_outcome);

/** daisy_outcome_text() - writes the steps of a change for people. */
DAISY_API int daisy_outcome_text(const struct daisy_outcome *outcome, FILE *out);
/** daisy_outcome_json() - writes { "chain", "revision", "hooks", "steps" }. */
DAISY_API int daisy_outcome_json(const struct daisy_outcome *outcome, FILE *out);
/** daisy_outcome_steps() - how many steps the change has. */
DAISY_API size_t daisy_outcome_steps(const struct daisy_outcome *outcome);
/** daisy_outcome_revision() - revision of the one chain that changed, 0 when none or several did. */
DAISY_API uint32_t daisy_outcome_revision(const struct daisy_outcome *outcome);
/** daisy_outcome_free() - takes NULL. */
DAISY_API void daisy_outcome_free(struct daisy_outcome *outcome);

/**
 * daisy_view_read() - reads what runs.
 * @target: NULL: every chain of the netns
 * @ret_view: a snapshot; the caller frees it with daisy_view_free()
 *
 * Errors: -ENODEV (no such device), -ENOENT (no such chain), -EPERM, -ENOMEM.
 */
DAISY_API int daisy_view_read(struct daisy *daisy, const struct daisy_target *target, struct daisy_view **ret_view);

/**
 * struct daisy_style - how daisy_view_text() writes.
 * @size: sizeof(struct daisy_style)
 * @stats: counters too
 * @colour: with ANSI colours
 * @si: counts with SI units (12.3k)
 */
struct daisy_style {
	size_t size;
	bool stats;
	bool colour;
	bool si;
};

/** daisy_view_text() - writes a view as a table for people. */
DAISY_API int daisy_view_text(const struct daisy_view *view, const struct daisy_style *style, FILE *out);
/** daisy_view_json() - writes a view as the array of `daisy -j show`. */
DAISY_API int daisy_view_json(const struct daisy_view *view, bool stats, FILE *out);
/** daisy_view_yaml() - writes a view as a file that daisy_files_apply() accepts. */
DAISY_API int daisy_view_yaml(const struct daisy_view *view, FILE *out);
/** daisy_view_free() - takes NULL. */
DAISY_API void daisy_view_free(struct daisy_view *view);

/**
 * daisy_doctor() - writes what this kernel, its privileges and libraries allow, in plain words.
 * @json: as an object instead
 * @ret_works: whether chains can be run here
 */
DAISY_API int daisy_doctor(struct daisy *daisy, bool json, bool colour, FILE *out, bool *ret_works);

/**
 * daisy_at_parse() - the word of a hook's side.
 * Return: 0; -EOPNOTSUPP for a word of the contract that is not supported yet; -EINVAL for no word at all.
 */
DAISY_API int daisy_at_parse(const char *word, enum daisy_at *ret_at);
/** daisy_verdict_parse() - the name of a verdict: unspec ok shot stolen trap redirect; otherwise -EINVAL. */
DAISY_API int daisy_verdict_parse(const char *word, enum daisy_verdict *ret_verdict);

#ifdef __cplusplus
}
#endif

#endif
