// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Marks the packet: what a program changes in it must reach those behind. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "tc.h"

const volatile __u32 mark_value = 0x2a;

SEC("tc")
int mark(struct __sk_buff *skb)
{
	skb->mark = mark_value;
	return TC_ACT_UNSPEC;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
