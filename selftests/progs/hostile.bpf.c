// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Called daisy, with a dispatcher's manifest and maps of its names, but no dispatcher:
 * a value of daisy_base is not what a reader of it expects. The tests make
 * more such programs of this one before they load it.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "daisy_abi.h"
#include "tc.h"

const volatile struct daisy_manifest manifest = {
	.magic = DAISY_ABI_MAGIC,
	.version = DAISY_ABI_VERSION,
	.size = sizeof(struct daisy_manifest),
	.chain = "hostile",
	.revision = 1,
	.count = 1,
	.hook_count = 1,
	.filters = { { .name = "hostile", .owner = "hostile", .prio = 10, .handle = 1 } },
};

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, DAISY_SLOTS);
	__type(key, __u32);
	__type(value, __u32);
} daisy_slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct daisy_counters);
} daisy_counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__uint(key_size, 4);
	__uint(value_size, 16384);
} daisy_base SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2);
	__uint(key_size, 8);
	__uint(value_size, 16);
} daisy_hooks SEC(".maps");

SEC("tc")
int daisy(struct __sk_buff *skb)
{
	__u64 key[32] = {};

	if (manifest.magic == 0) {
		bpf_tail_call(skb, &daisy_slots, 0);
		bpf_map_lookup_elem(&daisy_counters, key);
		bpf_map_lookup_elem(&daisy_base, key);
		bpf_map_lookup_elem(&daisy_hooks, key);
	}
	return TC_ACT_UNSPEC;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
