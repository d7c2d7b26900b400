// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Does a program ask for the packet's route?
 *
 * cls_bpf has the kernel keep a packet's dst on egress when its program calls
 * bpf_get_route_realm (line 402); behind a dispatcher the kernel would not notice.
 * It minds the program and its subprograms, not what they tail-call, and so do we.
 */
#include "program_parts.h"

#include <bpf/bpf.h>
#include <errno.h>

static bool is_helper_call(const struct bpf_insn *insn)
{
	/* A source register marks calls of subprograms and kernel functions. */
	return insn->code == (BPF_JMP | BPF_CALL) && insn->src_reg == 0;
}

bool insns_need_dst(const struct bpf_insn *insns, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (is_helper_call(&insns[i]) && insns[i].imm == BPF_FUNC_get_route_realm)
			return true;
	}
	return false;
}

/*
 * A loaded program calls a helper by its distance in memory, which is the same for
 * all programs. So we load a program that calls it, and look. 0: the kernel hides it.
 */
static int realm_distance(int32_t *ret_distance)
{
	static const struct bpf_insn insns[] = {
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_get_route_realm },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	auto_(mem) struct bpf_insn *loaded = NULL;
	auto_(fd) int fd = -1;
	size_t count;
	int r;

	fd = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "daisy_realm", "GPL", insns, ARRAY_SIZE(insns), NULL);
	if (fd < 0)
		return fd;
	r = prog_insns(fd, &loaded, &count);
	if (r < 0)
		return r;
	for (size_t i = 0; i < count; i++) {
		if (!is_helper_call(&loaded[i]))
			continue;
		*ret_distance = loaded[i].imm;
		return 0;
	}
	return -ENOENT;
}

static bool calls(const struct bpf_insn *insns, size_t count, int32_t distance)
{
	for (size_t i = 0; i < count; i++) {
		if (is_helper_call(&insns[i]) && insns[i].imm == distance)
			return true;
	}
	return false;
}

static bool calls_helpers(const struct bpf_insn *insns, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (is_helper_call(&insns[i]))
			return true;
	}
	return false;
}

bool loaded_needs_dst(int fd)
{
	auto_(mem) struct bpf_insn *insns = NULL;
	int32_t distance = 0;
	size_t count;

	/* Where it cannot be told (kptr_restrict hides it), keeping a route that nobody asks for is the safe error. */
	if (prog_insns(fd, &insns, &count) < 0)
		return true;
	if (!calls_helpers(insns, count))
		return false;
	if (calls(insns, count, 0) || realm_distance(&distance) < 0)
		return true;
	return calls(insns, count, distance);
}
