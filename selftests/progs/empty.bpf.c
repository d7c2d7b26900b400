// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Lets every packet go on: the least that a program can be. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "tc.h"

SEC("tc")
int empty(struct __sk_buff *skb)
{
	return TC_ACT_UNSPEC;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
