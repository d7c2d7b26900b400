// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What one program leaves in cb, the next one reads. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "tc.h"

#define CB_VALUE 0xda15

SEC("tc")
int cb_write(struct __sk_buff *skb)
{
	skb->cb[0] = CB_VALUE;
	return TC_ACT_UNSPEC;
}

SEC("tc")
int cb_check(struct __sk_buff *skb)
{
	return skb->cb[0] == CB_VALUE ? TC_ACT_UNSPEC : TC_ACT_SHOT;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
