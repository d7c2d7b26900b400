/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* program_parts.h: what the files behind program.h share among themselves, and nobody else needs. */
#ifndef DAISY_PROGRAM_PARTS_H
#define DAISY_PROGRAM_PARTS_H

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "kernel.h"
#include "program.h"

DEFINE_CLEANUP(btf, struct btf *, btf__free)

/* program_file.c: an object file's bytes in memory, so that what is hashed is what is loaded. */
struct object_file {
	uint8_t *bytes;
	size_t size;
	uint8_t digest[DAISY_DIGEST_SIZE];
};

void object_file_clear(struct object_file *file);
static inline void object_file_cleanup(struct object_file *file) { object_file_clear(file); }

/* Reads a regular file of at most 64 MiB. Failures have their words. */
int object_file_read(const char *path, struct object_file *ret_file);
/* Refuses, with words, what is no whole ELF object for BPF. */
int object_file_check(const char *path, const struct object_file *file);

/* program_btf.c: refuses, with words, types that libbpf would follow into nothing. */
int object_types_check(const char *path, const void *bytes, size_t size);

/* program_object.c: loads the program that @source names, taking over the maps of program @running (0: none). */
int object_load(struct source *source, uint32_t running, bool trial, struct program **ret_program);

/* program_choice.c: */

/* True if @program is a tc program by its section, or, when @named, by nothing that speaks against it. */
bool program_is_tc(const struct bpf_program *program, bool named);
/* The program of @object that @source names, or the only tc program; refusals have their words. */
int object_choose(struct bpf_object *object, const struct source *source, struct bpf_program **ret_program);

/* program_refusal.c: says why @object did not load and returns a negative errno; @log is the verifier's. */
int object_refused(int code, const char *path, struct bpf_object *object, const struct bpf_program *program,
		   const char *log);

/* program_maps.c: gives @object the maps of program @running that it defines alike. */
int object_take_maps(struct bpf_object *object, uint32_t running);

/* program_reach.c: */

struct ids {
	uint32_t *ids;
	size_t count;
};

static inline void ids_cleanup(struct ids *ids) { free(ids->ids); }

/*
 * The maps of a program and of those programs that were loaded from the same object
 * and that it can reach by tail calls. 0, -ENOMEM or an errno of the kernel, no words.
 */
int program_reach(const struct prog_facts *facts, struct ids *ret_maps);

/* program_dst.c: */

/* True if instructions as an object has them call bpf_get_route_realm. */
bool insns_need_dst(const struct bpf_insn *insns, size_t count);
/* The same of a loaded program, from its translated instructions; true when the kernel hides what it calls. */
bool loaded_needs_dst(int fd);

/* program.c: the loaded program behind @fd, which it owns when 0 is returned. @what names it in words. */
int program_of(int fd, const char *what, bool needs_dst, struct program **ret_program);

#endif
