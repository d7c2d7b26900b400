// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Stamps packets with the revision it was built as, and checks the stamp: a chain of
 * stamp_first ... stamp_last that is replaced as a whole must never count a mixture.
 * stamp2.bpf.c is the next revision.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "tc.h"

#ifndef REVISION
#define REVISION 1
#endif

#define SOURCE_LAST 11 /* last byte of the Ethernet source address */

const volatile __u32 revision = REVISION;

/* 0: packets with this revision's stamp, 1: with another's */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
} stamps SEC(".maps");

SEC("tc")
int stamp_first(struct __sk_buff *skb)
{
	skb->cb[0] = revision;
	return TC_ACT_UNSPEC;
}

SEC("tc")
int stamp_last(struct __sk_buff *skb)
{
	__u32 mixed = skb->cb[0] != revision;
	__u64 *count = bpf_map_lookup_elem(&stamps, &mixed);

	if (count)
		__sync_fetch_and_add(count, 1);
	return TC_ACT_UNSPEC;
}

/* For whoever sees the packet leave. */
SEC("tc")
int stamp_packet(struct __sk_buff *skb)
{
	__u8 byte = revision;

	bpf_skb_store_bytes(skb, SOURCE_LAST, &byte, sizeof(byte), 0);
	return TC_ACT_UNSPEC;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
