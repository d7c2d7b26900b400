// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Which program of an object is meant: by symbol, by section, or the only tc
 * program there is. What cannot be told is refused with what there is to choose.
 */
#include "program_parts.h"

#include <errno.h>
#include <string.h>

#include "error.h"

#define LIST_MAX 16U

static bool section_is_tc(const char *section)
{
	static const char *const whole[] = { "tc", "classifier", "action" };
	static const char *const under[] = { "tc/", "tcx/", "classifier/" };

	for (size_t i = 0; i < ARRAY_SIZE(whole); i++) {
		if (strcmp(section, whole[i]) == 0)
			return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(under); i++) {
		if (strncmp(section, under[i], strlen(under[i])) == 0)
			return true;
	}
	return false;
}

bool program_is_tc(const struct bpf_program *program, bool named)
{
	switch (bpf_program__type(program)) {
	case BPF_PROG_TYPE_SCHED_CLS:
	case BPF_PROG_TYPE_SCHED_ACT:
		return true;
	case BPF_PROG_TYPE_UNSPEC:
		/* libbpf 1.1 knows "tc" but not "tc/ingress"; tc itself takes a section of any name. */
		return named || section_is_tc(bpf_program__section_name(program));
	default:
		return false;
	}
}

static const char *type_word(const struct bpf_program *program)
{
	const char *word = libbpf_bpf_prog_type_str(bpf_program__type(program));

	return bpf_program__type(program) == BPF_PROG_TYPE_UNSPEC || !word ? "unknown" : word;
}

static void list_one(FILE *out, const struct bpf_program *program)
{
	fprintf(out, "%s (section %s", bpf_program__name(program), bpf_program__section_name(program));
	if (!program_is_tc(program, false))
		fprintf(out, ", type %s", type_word(program));
	fputc(')', out);
}

/* "a (section tc), b (section xdp, type xdp)": all programs, those of @section, or the tc ones. NULL: no memory. */
static char *list_programs(struct bpf_object *object, const char *section, bool tc_only)
{
	const struct bpf_program *program = NULL;
	char *list = NULL;
	unsigned int count = 0;
	size_t size;
	FILE *out = open_memstream(&list, &size);

	if (!out)
		return NULL;
	while ((program = bpf_object__next_program(object, (struct bpf_program *)program))) {
		if (section && strcmp(section, bpf_program__section_name(program)) != 0)
			continue;
		if (tc_only && !program_is_tc(program, false))
			continue;
		if (count++ >= LIST_MAX)
			continue;
		fputs(count > 1 ? ", " : "", out);
		list_one(out, program);
	}
	if (count > LIST_MAX)
		fprintf(out, " and %u more", count - LIST_MAX);
	else if (count == 0)
		fputs("none", out);
	return fclose(out) == 0 ? list : (free(list), NULL);
}

static int refuse_missing(struct bpf_object *object, const char *path, const char *kind, const char *name)
{
	auto_(mem) char *list = list_programs(object, NULL, false);

	if (!list)
		return fail_memory();
	return fail(-ENOENT, "object %s: it has no %s '%s'; its programs: %s", path, kind, name, list);
}

static int refuse_type(const char *path, const struct bpf_program *program)
{
	return fail(-EINVAL, "object %s: program %s in section %s is of type %s, not a tc program", path,
		    bpf_program__name(program), bpf_program__section_name(program), type_word(program));
}

static int choose_symbol(struct bpf_object *object, const struct source *source, struct bpf_program **ret_program)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, object) {
		if (strcmp(bpf_program__name(program), source->symbol) != 0)
			continue;
		if (source->section_named && strcmp(bpf_program__section_name(program), source->section) != 0)
			return fail(-ENOENT, "object %s: program %s is in section %s, not in %s", source->path,
				    source->symbol, bpf_program__section_name(program), source->section);
		*ret_program = program;
		return 0;
	}
	return refuse_missing(object, source->path, "program", source->symbol);
}

static int choose_section(struct bpf_object *object, const struct source *source, struct bpf_program **ret_program)
{
	struct bpf_program *program, *found = NULL;
	auto_(mem) char *list = NULL;
	size_t count = 0;

	bpf_object__for_each_program(program, object) {
		if (strcmp(bpf_program__section_name(program), source->section) != 0)
			continue;
		found = program;
		count++;
	}
	if (count == 0)
		return refuse_missing(object, source->path, "section", source->section);
	if (count == 1) {
		*ret_program = found;
		return 0;
	}
	list = list_programs(object, source->section, false);
	if (!list)
		return fail_memory();
	return fail(-EINVAL, "object %s: section %s holds %zu programs; name one as 'prog SYMBOL': %s", source->path,
		    source->section, count, list);
}

static int choose_only(struct bpf_object *object, const struct source *source, struct bpf_program **ret_program)
{
	struct bpf_program *program, *found = NULL;
	auto_(mem) char *list = NULL;
	size_t count = 0;

	bpf_object__for_each_program(program, object) {
		if (!program_is_tc(program, false))
			continue;
		found = program;
		count++;
	}
	if (count == 1) {
		*ret_program = found;
		return 0;
	}
	list = list_programs(object, NULL, count > 0);
	if (!list)
		return fail_memory();
	if (count == 0)
		return fail(-EINVAL, "object %s: it has no tc program; its programs: %s", source->path, list);
	return fail(-EINVAL, "object %s: it has %zu tc programs; name one as 'prog SYMBOL' or 'sec SECTION': %s",
		    source->path, count, list);
}

int object_choose(struct bpf_object *object, const struct source *source, struct bpf_program **ret_program)
{
	struct bpf_program *program = NULL;
	int r;

	if (source->symbol_named)
		r = choose_symbol(object, source, &program);
	else if (source->section_named)
		r = choose_section(object, source, &program);
	else
		r = choose_only(object, source, &program);
	if (r < 0)
		return r;
	if (!program_is_tc(program, true))
		return refuse_type(source->path, program);
	*ret_program = program;
	return 0;
}
