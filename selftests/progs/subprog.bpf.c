// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Static and global subprograms: more than one function behind one section. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "tc.h"

static __noinline __u32 twice(__u32 value)
{
	return value * 2;
}

__noinline __u32 subprog_thrice(__u32 value)
{
	return twice(value) + value;
}

SEC("tc")
int subprog(struct __sk_buff *skb)
{
	skb->mark = twice(skb->len) + subprog_thrice(skb->len);
	return TC_ACT_UNSPEC;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
