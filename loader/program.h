/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* program.h: any program source -> a loaded SCHED_CLS program that a dispatcher can tail-call. */
#ifndef DAISY_PROGRAM_H
#define DAISY_PROGRAM_H

#include "chain.h"

struct program {
	int fd;
	uint32_t id;
	uint8_t tag[DAISY_TAG_SIZE];
	bool needs_dst;		/* asks for the packet's route (bpf_get_route_realm), as cls_bpf line 402 minds */
	/*
	 * Prog arrays that the program uses for tail calls of its own. The kernel
	 * empties one when its last fd or pin goes, so whoever runs the program pins them.
	 */
	int *array_fds;
	size_t array_count;
	/* Pins that this load made of maps that want to be pinned by name. */
	char **pins;
	size_t pin_count;
};

void program_free(struct program *program);	/* closes the fds; takes NULL */
DEFINE_CLEANUP(program, struct program *, program_free)
/* Takes back the pins that loading it made: for a change that is refused after all. */
void program_unpin(const struct program *program);

/*
 * Loads or takes the program that @filter->source names. On success the source is completed with what was
 * found (an object's section, symbol and digest; a pin's path as given). For an object, maps of @running (the id
 * of the program that @filter replaces, 0: none) are taken over where name and definition match, unless
 * @filter->fresh_maps. Refusals are said here, without the filter's name: callers prepend it.
 */
int program_load(struct filter *filter, uint32_t running, struct program **ret_program);
/* Takes the running program @id as it is. -ENOENT with words when it is gone. */
int program_take(uint32_t id, struct program **ret_program);
/* Gives the path of @source the one form that all ways of naming a file come to, if there is such a file. */
int source_resolve(struct source *source);
/* SHA-256 of the file at @path. */
int program_digest(const char *path, uint8_t digest[DAISY_DIGEST_SIZE]);

/* Keeps libbpf quiet, remembering its last warning as the cause of a failure. */
void libbpf_hush(void);
/* The warning remembered since libbpf_hush() or the last call of this, "" when none. */
const char *libbpf_last_words(void);

/* The errno of a BTF that libbpf was refused since libbpf_hush(), and then went on without; 0: none. */
int libbpf_btf_error(void);

/*
 * For a failure that is not of what was loaded, but of what libbpf believes of
 * the kernel: looks for the cause and says it, behind @what; @words are libbpf's.
 */
int libbpf_distrust(int code, const char *what, const char *words);

#endif
