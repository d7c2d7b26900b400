// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * A program out of an ELF object: read, checked, opened, chosen, loaded.
 *
 * Only what is wanted is loaded: the chosen program and, when the object tail-calls
 * itself, the other tc programs that its prog arrays may name. The choice is
 * program_choice.c's, the maps that stay program_maps.c's, the words of a refusal
 * program_refusal.c's.
 */
#include "program_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "error.h"

/* All that kernels before 5.13 take. */
#define LOG_SIZE (UINT32_MAX >> 8)

struct object {
	const char *path;
	struct object_file file;
	char *name;
	char *log;
	struct bpf_object *bpf;
	struct bpf_program *program; /* the chosen one, owned by @bpf */
	char **pins;		/* that loading makes */
	size_t pin_count;
};

/*
 * Memory that the verifier does not write to is never touched: calloc() would
 * clear all of it for each object behind the first, a fifth of a change's time.
 */
static int log_new(char **ret_log)
{
	void *log = mmap(NULL, LOG_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (log == MAP_FAILED)
		return fail_errno(-errno, "no memory for the verifier's log");
	*ret_log = log;
	return 0;
}

static void object_cleanup(struct object *object)
{
	bpf_object__close(object->bpf);
	if (object->log)
		munmap(object->log, LOG_SIZE);
	for (size_t i = 0; i < object->pin_count; i++)
		free(object->pins[i]);
	free(object->pins);
	free(object->name);
	object_file_clear(&object->file);
}

/* As libbpf names an object that it opens by its path: global data's maps are called after it. */
static char *object_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;

	return strndup(base, strcspn(base, "."));
}

static int check_digest(const struct source *source, const struct object_file *file)
{
	const uint8_t *has = file->digest, *wants = source->digest;

	if (!source->has_digest || memcmp(has, wants, DAISY_DIGEST_SIZE) == 0)
		return 0;
	return fail(-EBADMSG, "object %s: its SHA-256 is %02x%02x%02x%02x..., not %02x%02x%02x%02x... as demanded",
		    source->path, has[0], has[1], has[2], has[3], wants[0], wants[1], wants[2], wants[3]);
}

static int open_failed(int code, const char *path)
{
	const char *words = libbpf_last_words();

	if (code == -ENOMEM)
		return fail_memory();
	/* -ENOENT and others of libbpf's are about something in the file: to a caller they would mean the file. */
	if (words[0])
		return fail(-EINVAL, "object %s: not a BPF object that can be loaded: %s", path, words);
	return fail(-EINVAL, "object %s: not a BPF object that can be loaded", path);
}

static int object_open(const struct source *source, struct object *object)
{
	LIBBPF_OPTS(bpf_object_open_opts, options);
	int r;

	object->path = source->path;
	r = object_file_read(source->path, &object->file);
	if (r < 0)
		return r;
	r = check_digest(source, &object->file);
	if (r < 0)
		return r;
	r = object_file_check(source->path, &object->file);
	if (r < 0)
		return r;
	object->name = object_name(source->path);
	if (!object->name)
		return fail_memory();
	r = log_new(&object->log);
	if (r < 0)
		return r;
	options.object_name = object->name;
	libbpf_last_words();
	object->bpf = bpf_object__open_mem(object->file.bytes, object->file.size, &options);
	if (!object->bpf)
		return open_failed(-errno, source->path);
	return 0;
}

static bool has_prog_array(struct bpf_object *object)
{
	const struct bpf_map *map;

	bpf_object__for_each_map(map, object) {
		if (bpf_map__type(map) == BPF_MAP_TYPE_PROG_ARRAY)
			return true;
	}
	return false;
}

/* The chosen program; with a prog array also what may go into that, unless its author marked it as optional. */
static bool is_wanted(const struct object *object, const struct bpf_program *program, bool tail_calls)
{
	if (program == object->program)
		return true;
	return tail_calls && program_is_tc(program, true) && bpf_program__autoload(program);
}

static int object_prepare(struct object *object)
{
	bool tail_calls = has_prog_array(object->bpf);
	struct bpf_program *program;
	int r;

	bpf_object__for_each_program(program, object->bpf) {
		bool wanted = is_wanted(object, program, tail_calls);

		r = bpf_program__set_autoload(program, wanted);
		if (r < 0)
			return fail_errno(r, "object %s, program %s", object->path, bpf_program__name(program));
		if (!wanted)
			continue;
		/* Programs of one prog array must agree on both, whatever their sections are called. */
		bpf_program__set_type(program, BPF_PROG_TYPE_SCHED_CLS);
		bpf_program__set_expected_attach_type(program, 0);
		/* A failure ends the load, so what is in the log is that of the program which failed. */
		bpf_program__set_log_buf(program, object->log, LOG_SIZE);
	}
	return 0;
}

static int object_program(const struct object *object, struct program **ret_program)
{
	auto_(mem) char *what = text_format("object %s, program %s", object->path, bpf_program__name(object->program));
	auto_(fd) int fd = -1;
	bool needs_dst;
	int r;

	if (!what)
		return fail_memory();
	/* libbpf's own descriptor ends with its object. */
	fd = fcntl(bpf_program__fd(object->program), F_DUPFD_CLOEXEC, 3);
	if (fd < 0)
		return fail_errno(-errno, "%s", what);
	/* libbpf puts the subprograms that are called behind the program. */
	needs_dst = insns_need_dst(bpf_program__insns(object->program), bpf_program__insn_cnt(object->program));
	r = program_of(fd, what, needs_dst, ret_program);
	if (r < 0)
		return r;
	TAKE_FD(fd);
	return 0;
}

static int source_complete(struct source *source, const struct object *object)
{
	auto_(mem) char *section = strdup(bpf_program__section_name(object->program));
	auto_(mem) char *symbol = strdup(bpf_program__name(object->program));

	if (!section || !symbol)
		return fail_memory();
	free(source->section);
	free(source->symbol);
	source->section = TAKE_PTR(section);
	source->symbol = TAKE_PTR(symbol);
	memcpy(source->digest, object->file.digest, DAISY_DIGEST_SIZE);
	source->has_digest = true;
	return 0;
}

/* Which of the object's maps libbpf is going to pin, for none is there. */
static int object_note_pins(struct object *object)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, object->bpf) {
		const char *pin = bpf_map__pin_path(map);
		char **grown;

		if (!pin || access(pin, F_OK) == 0)
			continue;
		grown = reallocarray(object->pins, object->pin_count + 1, sizeof(*grown));
		if (!grown)
			return fail_memory();
		object->pins = grown;
		grown[object->pin_count] = strdup(pin);
		if (!grown[object->pin_count])
			return fail_memory();
		object->pin_count++;
	}
	return 0;
}

static void object_unpin(const struct object *object)
{
	for (size_t i = 0; i < object->pin_count; i++)
		unlink(object->pins[i]);
}

/* Maps that would be pinned by name are private to a trial. */
static void object_forget_pins(struct bpf_object *object)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, object)
		bpf_map__set_pin_path(map, NULL);
}

int object_load(struct source *source, uint32_t running, bool trial, struct program **ret_program)
{
	auto_(object) struct object object = { 0 };
	auto_(program) struct program *program = NULL;
	int r;

	r = object_open(source, &object);
	if (r < 0)
		return r;
	r = object_choose(object.bpf, source, &object.program);
	if (r < 0)
		return r;
	r = object_prepare(&object);
	if (r < 0)
		return r;
	if (trial)
		object_forget_pins(object.bpf);
	r = object_note_pins(&object);
	if (r == 0 && running)
		r = object_take_maps(object.bpf, running);
	if (r < 0)
		return r;
	r = bpf_object__load(object.bpf);
	if (r < 0)
		return object_refused(r, object.path, object.bpf, object.program, object.log);
	/* Before the object is closed: its prog arrays empty themselves with their last descriptor. */
	r = object_program(&object, &program);
	if (r == 0)
		r = source_complete(source, &object);
	if (r < 0) {
		object_unpin(&object);
		return r;
	}
	program->pins = TAKE_PTR(object.pins);
	program->pin_count = object.pin_count;
	object.pin_count = 0;
	*ret_program = TAKE_PTR(program);
	return 0;
}
