// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* OK for an EtherType that never comes: a filter that every packet passes by, as in a benchmark. */
#include "vmlinux.h"
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "tc.h"

#define ETH_P_NEVER 0x88b6 /* for local experiments */

SEC("tc")
int never(struct __sk_buff *skb)
{
	return skb->protocol == bpf_htons(ETH_P_NEVER) ? TC_ACT_OK : TC_ACT_UNSPEC;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
