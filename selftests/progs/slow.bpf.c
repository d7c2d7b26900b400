// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Holds every packet up for a while, so that a change meets it in the middle of the chain. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "tc.h"

#define ROUNDS 200000

static long nothing(__u32 index, void *context)
{
	return 0;
}

SEC("tc")
int slow(struct __sk_buff *skb)
{
	bpf_loop(ROUNDS, nothing, NULL, 0);
	return TC_ACT_UNSPEC;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
