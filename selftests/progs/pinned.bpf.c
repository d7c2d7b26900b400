// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A map that pins itself by its name: libbpf makes it or takes what is there. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "tc.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} daisy_test_pin SEC(".maps");

SEC("tc")
int pinned(struct __sk_buff *skb)
{
	__u32 key = 0;
	__u64 *count = bpf_map_lookup_elem(&daisy_test_pin, &key);

	if (count)
		__sync_fetch_and_add(count, 1);
	return TC_ACT_UNSPEC;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
