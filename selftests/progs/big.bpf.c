// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A stack frame of 500 bytes: all but what the kernel allows one program. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "tc.h"

SEC("tc")
int big(struct __sk_buff *skb)
{
	volatile __u8 frame[496];

	frame[0] = (__u8)skb->len;
	frame[sizeof(frame) - 1] = (__u8)skb->protocol;
	return frame[0] == 255 && frame[sizeof(frame) - 1] == 255 ? TC_ACT_OK : TC_ACT_UNSPEC;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
