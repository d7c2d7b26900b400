// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Has a map of a type that no kernel has yet. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "tc.h"

struct {
	__uint(type, 999);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} tomorrow SEC(".maps");

SEC("tc")
int newer_map(struct __sk_buff *skb)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&tomorrow, &key) ? TC_ACT_OK : TC_ACT_UNSPEC;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
