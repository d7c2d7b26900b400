// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Failures that libbpf tells wrongly.
 *
 * libbpf asks the kernel once a process what it can do, and takes every error for
 * a no: want of memory at that moment reads as a kernel without names, BTF or
 * global data, and what fails is something else, later. The answer itself is
 * gone then; here the same is asked again, and its errno is told if it stays.
 */
#include "program.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <linux/bpf.h>

#include "error.h"

static int taken(int fd)
{
	fd_close(fd);
	return fd < 0 ? fd : 0;
}

static int trial_map(void)
{
	return taken(bpf_map_create(BPF_MAP_TYPE_ARRAY, "trial", sizeof(uint32_t), sizeof(uint32_t), 1, NULL));
}

static int trial_program(void)
{
	static const struct bpf_insn exit_zero[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return taken(bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, "trial", "GPL", exit_zero, ARRAY_SIZE(exit_zero), NULL));
}

static void btf_free(struct btf *btf)
{
	btf__free(btf);
}

DEFINE_CLEANUP(btf, struct btf *, btf_free)

static int trial_btf(void)
{
	auto_(btf) struct btf *btf = btf__new_empty();
	const void *data;
	uint32_t size;

	if (!btf || btf__add_int(btf, "int", sizeof(int), BTF_INT_SIGNED) < 0)
		return -ENOMEM;
	data = btf__raw_data(btf, &size);
	return data ? taken(bpf_btf_load(data, size, NULL)) : -ENOMEM;
}

int libbpf_distrust(int code, const char *what, const char *words)
{
	static const struct { const char *thing; int (*try)(void); } trials[] = {
		{ "a map", trial_map },
		{ "a program with a name", trial_program },
		{ "BTF", trial_btf },
	};
	int btf = libbpf_btf_error();

	if (btf < 0)
		return fail_errno(btf, "%s: the kernel did not take its BTF", what);
	for (size_t i = 0; i < ARRAY_SIZE(trials); i++) {
		int r = trials[i].try();

		if (r < 0)
			return fail_errno(r, "%s: the kernel refuses %s", what, trials[i].thing);
	}
	return fail(code, "%s: %s (libbpf was refused a trial of the kernel for a moment and took it for an older one: do it again; if it stays so, see `daisy doctor`)",
		    what, words);
}
