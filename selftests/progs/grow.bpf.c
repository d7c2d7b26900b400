// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Makes the packet longer, after which all pointers into it must be read anew:
 * by this program, and by no less whoever called it.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "tc.h"

#define GROWTH 4
#define MARK_BYTE 0xda

/* Behind the end that the IP header tells of: the packet stays what it was. */
SEC("tc/tail")
int grow_tail(struct __sk_buff *skb)
{
	__u8 *data, *end;

	if (bpf_skb_change_tail(skb, skb->len + GROWTH, 0) < 0 || bpf_skb_pull_data(skb, skb->len) < 0)
		return TC_ACT_UNSPEC;
	data = (void *)(long)skb->data;
	end = (void *)(long)skb->data_end;
	if (data + ETH_HLEN + GROWTH > end)
		return TC_ACT_UNSPEC;
	/* Written where it stood: a write for its own sake. */
	data[0] = *(volatile __u8 *)data;
	return TC_ACT_UNSPEC;
}

/* A second Ethernet header before the first: for BPF_PROG_TEST_RUN and for tests that look at the packet. */
SEC("tc/head")
int grow_head(struct __sk_buff *skb)
{
	__u8 *data, *end;

	if (bpf_skb_change_head(skb, ETH_HLEN, 0) < 0)
		return TC_ACT_UNSPEC;
	data = (void *)(long)skb->data;
	end = (void *)(long)skb->data_end;
	if (data + 2 * ETH_HLEN > end)
		return TC_ACT_UNSPEC;
	__builtin_memcpy(data, data + ETH_HLEN, ETH_HLEN);
	data[ETH_HLEN - 3] = MARK_BYTE;
	return TC_ACT_UNSPEC;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
