// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Returns what a test puts into its .data: any 32 bits, tc's verdicts and all others. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "tc.h"

volatile __s32 verdict_value = TC_ACT_UNSPEC;

SEC("tc")
int verdict(struct __sk_buff *skb)
{
	return verdict_value;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
