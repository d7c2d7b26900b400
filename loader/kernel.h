/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* kernel.h: what the kernel tells of a loaded program or map. No words: callers know what to name. */
#ifndef DAISY_KERNEL_H
#define DAISY_KERNEL_H

#include <linux/bpf.h>
#include <stdint.h>

#include "util.h"

#define PROG_MAPS_MAX 64U	/* the kernel's own limit of maps for one program, MAX_USED_MAPS */

struct prog_facts {
	struct bpf_prog_info info;
	uint32_t map_ids[PROG_MAPS_MAX];
	uint32_t map_count;
};

/* 0 or a negative errno of the kernel. */
int prog_open(uint32_t id, int *ret_fd);
int prog_facts(int fd, struct prog_facts *ret_facts);
/* The program's translated instructions, for the caller to free; -EACCES when the kernel hides them. */
int prog_insns(int fd, struct bpf_insn **ret_insns, size_t *ret_count);
int map_open(uint32_t id, int *ret_fd);
int map_info(int fd, struct bpf_map_info *ret_info);
/* The first of @facts' maps called @name (or, with a dot first, whose name ends so): its fd, or -ENOENT. */
int prog_map(const struct prog_facts *facts, const char *name, int *ret_fd);

#endif
