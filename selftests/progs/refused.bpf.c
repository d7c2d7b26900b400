// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Reads behind the end of its map's value: the verifier refuses it. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "tc.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} values SEC(".maps");

SEC("tc")
int refused(struct __sk_buff *skb)
{
	__u32 key = 0;
	volatile __u32 *value = bpf_map_lookup_elem(&values, &key);

	return value ? (int)value[64] : TC_ACT_UNSPEC;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
