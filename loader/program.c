// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Any program source -> a loaded SCHED_CLS program that a dispatcher can tail-call.
 *
 * Here are pins, ids and what all programs have in common; objects are loaded in
 * program_object.c. Where a program runs is no concern of this room.
 */
#include "program.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <limits.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "error.h"
#include "program_parts.h"

void program_free(struct program *program)
{
	if (!program)
		return;
	for (size_t i = 0; i < program->array_count; i++)
		fd_close(program->array_fds[i]);
	for (size_t i = 0; i < program->pin_count; i++)
		free(program->pins[i]);
	free(program->pins);
	free(program->array_fds);
	fd_close(program->fd);
	free(program);
}

void program_unpin(const struct program *program)
{
	for (size_t i = 0; program && i < program->pin_count; i++)
		unlink(program->pins[i]);
}

/* Opens the prog arrays among @maps: a descriptor by id is a user's, which keeps their members. */
static int open_arrays(const struct ids *maps, struct program *program)
{
	int r;

	program->array_fds = calloc(maps->count + 1, sizeof(int));
	if (!program->array_fds)
		return -ENOMEM;
	for (size_t i = 0; i < maps->count; i++) {
		auto_(fd) int fd = -1;
		struct bpf_map_info info;

		r = map_open(maps->ids[i], &fd);
		/* A map behind a tail call may go with its program at any time. */
		if (r == -ENOENT)
			continue;
		if (r < 0)
			return r;
		r = map_info(fd, &info);
		if (r < 0)
			return r;
		if (info.type == BPF_MAP_TYPE_PROG_ARRAY)
			program->array_fds[program->array_count++] = TAKE_FD(fd);
	}
	return 0;
}

static int check_facts(const char *what, const struct bpf_prog_info *info)
{
	const char *type = libbpf_bpf_prog_type_str(info->type);

	if (info->type != BPF_PROG_TYPE_SCHED_CLS)
		return fail(-EINVAL, "%s: it is of type %s, not a tc program", what, type ? type : "unknown");
	if (info->ifindex)
		return fail(-EINVAL, "%s: it is bound to a device, and only that device can run it", what);
	return 0;
}

static int read_facts(int fd, const char *what, struct prog_facts *ret_facts)
{
	int r;

	r = prog_facts(fd, ret_facts);
	if (r == -ENODEV)
		return fail(r, "%s: it is bound to a device that is gone", what);
	if (r < 0)
		return fail_errno(r, "%s", what);
	return check_facts(what, &ret_facts->info);
}

int program_of(int fd, const char *what, bool needs_dst, struct program **ret_program)
{
	auto_(program) struct program *program = NULL;
	auto_(ids) struct ids maps = { 0 };
	struct prog_facts facts;
	int r;

	_Static_assert(sizeof(facts.info.tag) == DAISY_TAG_SIZE, "the manifest's tag is the kernel's");
	r = read_facts(fd, what, &facts);
	if (r < 0)
		return r;
	program = calloc(1, sizeof(*program));
	if (!program)
		return fail_memory();
	program->fd = -1;
	program->id = facts.info.id;
	memcpy(program->tag, facts.info.tag, DAISY_TAG_SIZE);
	program->needs_dst = needs_dst;
	r = program_reach(&facts, &maps);
	if (r < 0)
		return fail_errno(r, "%s: its maps", what);
	r = open_arrays(&maps, program);
	if (r < 0)
		return fail_errno(r, "%s: its prog arrays", what);
	program->fd = fd;
	*ret_program = TAKE_PTR(program);
	return 0;
}

/*
 * Whether a taken program needs dst is read from the kernel. A kernel that hides
 * it makes this true, so a manifest that knows better may be asked instead.
 */
static int take(int fd, const char *what, struct program **ret_program)
{
	auto_(fd) int taken_fd = fd;
	int r;

	r = program_of(fd, what, false, ret_program);
	if (r < 0)
		return r;
	(*ret_program)->needs_dst = loaded_needs_dst(TAKE_FD(taken_fd));
	return 0;
}

int program_take(uint32_t id, struct program **ret_program)
{
	char what[32];
	int fd = -1, r;

	snprintf(what, sizeof(what), "program id %u", id);
	r = prog_open(id, &fd);
	if (r == -ENOENT)
		return fail(r, "%s: no such program is loaded", what);
	if (r == -EPERM)
		return fail(r, "%s: taking a program by its id needs CAP_SYS_ADMIN", what);
	if (r < 0)
		return fail_errno(r, "%s", what);
	return take(fd, what, ret_program);
}

static int pin_failed(int code, const char *path)
{
	struct statfs system;
	struct stat status;

	if (code == -EPERM)
		return fail(code, "pin %s: taking it needs CAP_BPF and CAP_NET_ADMIN, and leave to read it", path);
	if (code != -ENOENT && statfs(path, &system) == 0 && (unsigned long)system.f_type != BPF_FS_MAGIC)
		return fail(-EINVAL, "pin %s: it is not in a bpffs", path);
	if (code != -ENOENT && stat(path, &status) == 0 && S_ISDIR(status.st_mode))
		return fail(-EISDIR, "pin %s: it is a directory", path);
	return fail_errno(code, "pin %s", path);
}

/* A map's info read as a program's would make a prog array look like a tc program: both types are 3. */
static int check_is_program(int fd, const char *path)
{
	char link[64], kind[64];
	ssize_t size;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	size = readlink(link, kind, sizeof(kind) - 1);
	if (size < 0)
		return fail_errno(-errno, "pin %s: what it is (%s)", path, link);
	kind[size] = '\0';
	if (strstr(kind, "bpf-prog"))
		return 0;
	if (strstr(kind, "bpf-map"))
		return fail(-EINVAL, "pin %s: it is a map, not a program", path);
	if (strstr(kind, "link"))
		return fail(-EINVAL, "pin %s: it is a link, not a program", path);
	return fail(-EINVAL, "pin %s: it is not a program", path);
}

static int load_pinned(const char *path, struct program **ret_program)
{
	auto_(mem) char *what = text_format("pin %s", path);
	auto_(fd) int fd = -1;
	int r;

	if (!what)
		return fail_memory();
	fd = bpf_obj_get(path);
	if (fd < 0)
		return pin_failed(fd, path);
	r = check_is_program(fd, path);
	if (r < 0)
		return r;
	return take(TAKE_FD(fd), what, ret_program);
}

int program_load(struct filter *filter, uint32_t running, struct program **ret_program)
{
	struct source *source = &filter->source;

	libbpf_hush();
	switch (source->kind) {
	case DAISY_SOURCE_OBJECT:
		return object_load(source, filter->fresh_maps ? 0 : running, filter->trial, ret_program);
	case DAISY_SOURCE_PINNED:
		return load_pinned(source->path, ret_program);
	case DAISY_SOURCE_ID:
		return program_take(source->id, ret_program);
	case DAISY_SOURCE_NONE:
		break;
	}
	return fail(-EINVAL, "it has no program");
}

int source_resolve(struct source *source)
{
	char resolved[PATH_MAX];

	/* What is not there is refused when it is opened, by the name that the user gave. */
	if (!source->path || !realpath(source->path, resolved))
		return 0;
	return text_set(&source->path, resolved) < 0 ? fail_memory() : 0;
}
