// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * bpf/dispatcher.bpf.c as a thing to load, and to recognise when it is met.
 *
 * The skeleton is used here alone. Which manifest to load is revision.c's to
 * say; this room makes a program and its maps of it, and reads it back from a
 * program that runs.
 */
#include "dispatcher.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "dispatcher.skel.h"
#include "error.h"
#include "kernel.h"
#include "program.h"

DEFINE_CLEANUP(skeleton, struct dispatcher *, dispatcher__destroy)

static const char *const map_names[MAP_COUNT] = {
	[MAP_SLOTS] = "daisy_slots",
	[MAP_COUNTERS] = "daisy_counters",
	[MAP_BASE] = "daisy_base",
	[MAP_HOOKS] = "daisy_hooks",
};

const char *dispatcher_map_name(enum dispatcher_map map)
{
	return map_names[map];
}

static struct bpf_map *skeleton_map(const struct dispatcher *skeleton, enum dispatcher_map map)
{
	struct bpf_map *const maps[MAP_COUNT] = {
		[MAP_SLOTS] = skeleton->maps.daisy_slots,
		[MAP_COUNTERS] = skeleton->maps.daisy_counters,
		[MAP_BASE] = skeleton->maps.daisy_base,
		[MAP_HOOKS] = skeleton->maps.daisy_hooks,
	};

	return maps[map];
}

static uint32_t map_room(enum dispatcher_map map, uint32_t hooks)
{
	if (map == MAP_SLOTS)
		return DAISY_SLOTS;
	/* One entry more, for packets of a hook that is not listed; and a hash of no entries cannot be made. */
	return hooks + 1;
}

static int maps_set(struct dispatcher *skeleton, const struct daisy_manifest *manifest, const int map_fds[MAP_COUNT])
{
	int r = 0;

	for (enum dispatcher_map map = 0; map < MAP_COUNT && r == 0; map++) {
		struct bpf_map *to = skeleton_map(skeleton, map);

		if (map_fds[map] >= 0)
			r = bpf_map__reuse_fd(to, map_fds[map]);
		else
			r = bpf_map__set_max_entries(to, map_room(map, manifest->hook_count));
	}
	return r;
}

static int fd_keep(int fd, int *ret_fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);

	if (copy < 0)
		return -errno;
	*ret_fd = copy;
	return 0;
}

static int maps_keep(const struct dispatcher *skeleton, int map_fds[MAP_COUNT])
{
	for (enum dispatcher_map map = 0; map < MAP_COUNT; map++) {
		int r;

		if (map_fds[map] >= 0)
			continue;
		r = fd_keep(bpf_map__fd(skeleton_map(skeleton, map)), &map_fds[map]);
		if (r < 0)
			return r;
	}
	return 0;
}

static int refuse(int code)
{
	const char *words = libbpf_last_words();

	if (code == -EPERM)
		return fail(code, "cannot load the dispatcher: Operation not permitted (CAP_BPF and CAP_NET_ADMIN are needed)");
	/* It is right in itself: what is invalid is how libbpf gave it to the kernel. */
	if (code == -EINVAL)
		return libbpf_distrust(code, "cannot load the dispatcher", words);
	return fail_errno(code, "cannot load the dispatcher%s%s", *words ? ": " : "", words);
}

/* It is found again by its name, which libbpf leaves out if it believes that the kernel takes none. */
static int check_name(const struct dispatcher *skeleton)
{
	struct prog_facts facts;
	int r = prog_facts(bpf_program__fd(skeleton->progs.daisy), &facts);

	if (r < 0)
		return fail_errno(r, "cannot read the dispatcher");
	if (strcmp(facts.info.name, DISPATCHER_NAME) == 0)
		return 0;
	return libbpf_distrust(-EINVAL, "cannot load the dispatcher", "it was loaded without its name");
}

int dispatcher_load(const struct daisy_manifest *manifest, int map_fds[MAP_COUNT], int *ret_fd)
{
	auto_(skeleton) struct dispatcher *skeleton = NULL;
	int r;

	libbpf_hush();
	skeleton = dispatcher__open();
	if (!skeleton)
		return refuse(-errno);
	memcpy((void *)&skeleton->rodata->manifest, manifest, sizeof(*manifest));
	/* Programs of one prog array must agree on it, whatever a section's name means to this libbpf. */
	bpf_program__set_expected_attach_type(skeleton->progs.daisy, 0);
	r = maps_set(skeleton, manifest, map_fds);
	if (r == 0)
		r = dispatcher__load(skeleton);
	if (r == 0)
		r = check_name(skeleton);
	if (r == 0)
		r = maps_keep(skeleton, map_fds);
	if (r == 0)
		r = fd_keep(bpf_program__fd(skeleton->progs.daisy), ret_fd);
	return r < 0 ? refuse(r) : 0;
}

static int manifest_check(const struct daisy_manifest *manifest)
{
	if (manifest->magic != DAISY_ABI_MAGIC)
		return -ENOENT;
	if (manifest->version != DAISY_ABI_VERSION || manifest->size != sizeof(*manifest) ||
	    manifest->count > DAISY_SLOTS || manifest->at >= DAISY_AT_COUNT ||
	    (manifest->hook >= 0 && (uint32_t)manifest->hook > manifest->hook_count))
		return -EPROTO;
	return 0;
}

int dispatcher_read(int prog_fd, struct daisy_manifest *ret_manifest)
{
	auto_(mem) struct daisy_manifest *manifest = NULL;
	auto_(fd) int fd = -1;
	struct prog_facts facts;
	struct bpf_map_info info;
	uint32_t key = 0;
	int r;

	r = prog_facts(prog_fd, &facts);
	if (r < 0)
		return r;
	if (strcmp(facts.info.name, DISPATCHER_NAME) != 0)
		return -ENOENT;
	r = prog_map(&facts, ".rodata", &fd);
	if (r == 0)
		r = map_info(fd, &info);
	if (r < 0)
		return r;
	if (info.type != BPF_MAP_TYPE_ARRAY || info.key_size != sizeof(key) || info.value_size < sizeof(*manifest))
		return -ENOENT;
	manifest = calloc(1, info.value_size);
	if (!manifest)
		return -ENOMEM;
	r = bpf_map_lookup_elem(fd, &key, manifest);
	if (r == 0)
		r = manifest_check(manifest);
	if (r < 0)
		return r;
	*ret_manifest = *manifest;
	return 0;
}

/* Whoever reads a map trusts its sizes, and any program may be called daisy. */
static int map_check(enum dispatcher_map map, int fd)
{
	static const struct { uint32_t type, key, value; } shapes[MAP_COUNT] = {
		[MAP_SLOTS] = { BPF_MAP_TYPE_PROG_ARRAY, sizeof(uint32_t), sizeof(uint32_t) },
		[MAP_COUNTERS] = { BPF_MAP_TYPE_PERCPU_ARRAY, sizeof(uint32_t), sizeof(struct daisy_counters) },
		[MAP_BASE] = { BPF_MAP_TYPE_ARRAY, sizeof(uint32_t), sizeof(struct daisy_base) },
		[MAP_HOOKS] = { BPF_MAP_TYPE_HASH, sizeof(struct daisy_hook_key), sizeof(struct daisy_hook_info) },
	};
	struct bpf_map_info info;
	int r = map_info(fd, &info);

	if (r < 0)
		return r;
	return info.type == shapes[map].type && info.key_size == shapes[map].key &&
	       info.value_size == shapes[map].value ? 0 : -EPROTO;
}

int dispatcher_maps(int prog_fd, int map_fds[MAP_COUNT])
{
	int fds[MAP_COUNT] = MAPS_NONE;
	struct prog_facts facts;
	int r;

	r = prog_facts(prog_fd, &facts);
	for (enum dispatcher_map map = 0; map < MAP_COUNT && r == 0; map++)
		r = prog_map(&facts, map_names[map], &fds[map]);
	for (enum dispatcher_map map = 0; map < MAP_COUNT && r == 0; map++)
		r = map_check(map, fds[map]);
	if (r < 0) {
		maps_close(fds);
		return r;
	}
	memcpy(map_fds, fds, sizeof(fds));
	return 0;
}

void maps_close(int map_fds[MAP_COUNT])
{
	for (enum dispatcher_map map = 0; map < MAP_COUNT; map++) {
		fd_close(map_fds[map]);
		map_fds[map] = -1;
	}
}
