/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) OR GPL-2.0-only */
/*
 * daisy_abi.h: what a dispatcher in the kernel and userspace share.
 *
 * The manifest is the dispatcher's .rodata: it is frozen with the program, so
 * the list of filters, its order and the code that runs it are one object.
 * Counters, base and hooks are maps that the dispatcher names. Every layout
 * here is read by other programs too (docs/protocol.md), so a change of any of
 * them is a new DAISY_ABI_VERSION.
 */
#ifndef DAISY_ABI_H
#define DAISY_ABI_H

#ifndef __VMLINUX_H__
#include <linux/types.h>
#endif

#define DAISY_ABI_MAGIC		0x79736961 /* "aisy", little endian */
#define DAISY_ABI_VERSION	1

/* The kernel's limit for a packet, MAX_TAIL_CALL_CNT; 32 slots leave a member one of its own. */
#define DAISY_TAIL_CALLS	33
#define DAISY_SLOTS		32

#define DAISY_NAME_SIZE		256	/* cls_bpf's own limit: 255 bytes and the end */
#define DAISY_CHAIN_SIZE	64
#define DAISY_OWNER_SIZE	64
#define DAISY_PATH_SIZE		1024
#define DAISY_SECTION_SIZE	64

enum daisy_verdict {
	DAISY_UNSPEC,
	DAISY_OK,
	DAISY_SHOT,
	DAISY_STOLEN,
	DAISY_TRAP,
	DAISY_REDIRECT,
	DAISY_VERDICTS,
};

enum daisy_at {
	DAISY_AT_INGRESS,
	DAISY_AT_EGRESS,
	DAISY_AT_COUNT,
};

enum daisy_source_kind {
	DAISY_SOURCE_NONE,
	DAISY_SOURCE_OBJECT,
	DAISY_SOURCE_PINNED,
	DAISY_SOURCE_ID,
};

enum daisy_engine {
	DAISY_ENGINE_TAILCALL,
	DAISY_ENGINE_FUSED,
	DAISY_ENGINE_KERNEL,
};

/* struct daisy_filter_info.flags */
#define DAISY_F_CLASSIFY	(1U << 0)
#define DAISY_F_SKIP_SW		(1U << 1)
#define DAISY_F_SKIP_HW		(1U << 2)
#define DAISY_F_IN_HW		(1U << 3)

/* One filter of the manifest, 32 of them, in the order they run. */
struct daisy_filter_info {
	char name[DAISY_NAME_SIZE];
	char owner[DAISY_OWNER_SIZE];
	__u32 prio;
	__u32 handle;
	__u32 classid;
	__u32 flags;
	__u32 continue_on;	/* bit (1 << enum daisy_verdict): goes on behind it */
	__u32 ends;		/* bit (1 << TC_ACT_*): this return value ends the chain */
	__u32 prog_id;
	__u32 source_kind;
	__u32 source_id;
	__u32 source_named;	/* 1: the section, 2: the symbol was named by the user */
	__u8 tag[8];
	__u8 digest[32];	/* SHA-256 of the object file, or zeros */
	char path[DAISY_PATH_SIZE];
	char section[DAISY_SECTION_SIZE];
	char symbol[DAISY_SECTION_SIZE];
};

struct daisy_manifest {
	__u32 magic;
	__u32 version;
	__u32 size;		/* of this struct */
	__u32 engine;
	char chain[DAISY_CHAIN_SIZE];
	__u32 revision;
	__u32 at;		/* enum daisy_at: the side this program is for */
	__u32 count;		/* filters in use */
	__u32 needs_dst;	/* a member asks for the packet's route (bpf_get_route_realm) */
	__s32 hook;		/* entry in the counters; -1: look it up in the hooks map */
	__u32 hook_count;	/* hooks of the chain, of both sides */
	struct daisy_filter_info filters[DAISY_SLOTS];
};

struct daisy_count {
	__u64 packets;
	__u64 bytes;
};

/* What ended at one filter. */
struct daisy_ends {
	struct daisy_count by[DAISY_VERDICTS]; /* by[DAISY_UNSPEC] counts packets that met an empty slot */
};

/*
 * The counters map: per CPU, one entry for each hook of the chain. A packet is
 * counted once, where it left the chain: at the filter that ended it, or behind
 * the last one. What reached filter i is then the sum of what left at i or
 * later: a sum of numbers that only grow, so it can never be seen going back,
 * as a subtraction read beside running packets can.
 */
struct daisy_counters {
	struct daisy_count passed; /* left behind the last filter */
	__u64 zero;		/* never written: a value that the verifier cannot know */
	__u64 reserved;
	struct daisy_ends filters[DAISY_SLOTS]; /* by place in the chain */
};

/* What one filter had counted when the present counters began; by[DAISY_UNSPEC] as in struct daisy_ends. */
struct daisy_base_filter {
	struct daisy_count reached;
	struct daisy_count by[DAISY_VERDICTS];
};

/*
 * The base map: an array, one entry for each hook. While @folded is not the id
 * of the map pinned as "previous", that map's counts are still to be added,
 * filter i of this revision having been filter from[i] of that one.
 */
struct daisy_base {
	struct daisy_count total;	/* packets that came to the hook */
	__u32 folded;
	__s32 hook_from;	/* entry of this hook in the previous counters, -1: none */
	__u32 reserved[2];
	__s32 from[DAISY_SLOTS];
	struct daisy_base_filter filters[DAISY_SLOTS];
};

struct daisy_hook_key {
	__u32 ifindex;
	__u32 at;		/* enum daisy_at */
};

/* struct daisy_hook_info.flags */
#define DAISY_HOOK_CLSACT	(1U << 0) /* daisy made the device's clsact */

struct daisy_hook_info {
	__u32 index;		/* entry in counters and base */
	__u32 flags;
	__u32 prio;
	__u32 handle;
};

#ifdef __cplusplus
#define DAISY_ASSERT(expr, msg) static_assert(expr, msg)
#else
#define DAISY_ASSERT(expr, msg) _Static_assert(expr, msg)
#endif

DAISY_ASSERT(sizeof(struct daisy_filter_info) == 1552, "manifest entry");
DAISY_ASSERT(sizeof(struct daisy_manifest) == 104 + 32 * 1552, "manifest");
DAISY_ASSERT(sizeof(struct daisy_ends) == 96, "counters of a filter");
DAISY_ASSERT(sizeof(struct daisy_counters) == 32 + 32 * 96, "counters");
DAISY_ASSERT(sizeof(struct daisy_base) == 32 + 32 * 4 + 32 * 112, "base");
DAISY_ASSERT(sizeof(struct daisy_hook_key) == 8, "hook key");
DAISY_ASSERT(sizeof(struct daisy_hook_info) == 16, "hook");

#endif
