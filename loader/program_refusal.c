// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Why an object was not loaded, in one sentence: the verifier's last lines where
 * it spoke, libbpf's last warning where it did not, and in plain words what can be
 * told from both: missing privileges, or a kernel that is too old.
 */
#include "program_parts.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "error.h"

#define LINES_MAX 3
#define LINE_SIZE 256
#define NAME_SIZE 128

static bool begins(const char *text, const char *word)
{
	return strncmp(text, word, strlen(word)) == 0;
}

/* The verifier's account of its own work, behind its verdict. */
static bool is_statistics(const char *line)
{
	return !*line || begins(line, "processed ") || begins(line, "verification time") ||
	       begins(line, "stack depth") || begins(line, "insns processed");
}

/* "R0=..." and "R0_w=..." are states; "R0 invalid mem access" is a verdict. */
static bool is_registers(const char *line)
{
	size_t digits = line[0] == 'R' ? strspn(line + 1, "0123456789") : 0;

	return digits > 0 && (line[1 + digits] == '=' || line[1 + digits] == '_');
}

/* The walk through the program: instructions, source lines, states, remarks on functions. */
static bool is_trace(const char *line)
{
	static const char *const words[] = {
		";", " ", "\t", "from ", "frame", "func#", "Func#", "Validating ", "caller:", "callee:", "returning from callee",
		"to caller at", "last_idx", "regs=", "parent ", "mark_precise", "propagating", "reg type unsupported",
	};
	size_t digits = strspn(line, "0123456789");

	if (digits && line[digits] == ':')
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (begins(line, words[i]))
			return true;
	}
	return is_registers(line);
}

/* Cuts the last line off @log, whose end is at *@end, into @line. */
static void last_line(const char *log, size_t *end, char *line)
{
	size_t stop = *end, start, size;

	if (stop && log[stop - 1] == '\n')
		stop--;
	for (start = stop; start && log[start - 1] != '\n'; start--)
		;
	size = stop - start < LINE_SIZE ? stop - start : LINE_SIZE - 1;
	memcpy(line, log + start, size);
	line[size] = '\0';
	*end = start;
}

/* The verifier's verdict: up to 3 lines at the end of its log, joined by " | "; "" when it said nothing. */
static char *verifier_words(const char *log)
{
	char lines[LINES_MAX][LINE_SIZE], line[LINE_SIZE];
	size_t end = strlen(log);
	int count = 0;

	while (end && count < LINES_MAX) {
		last_line(log, &end, line);
		if (count == 0 && is_statistics(line))
			continue;
		if (is_trace(line) || is_statistics(line))
			break;
		memcpy(lines[count++], line, sizeof(line));
	}
	/* Better the place where it stopped than nothing. */
	if (count == 0)
		return strdup(log[0] ? line : "");
	if (count == 1)
		return strdup(lines[0]);
	if (count == 2)
		return text_format("%s | %s", lines[1], lines[0]);
	return text_format("%s | %s | %s", lines[2], lines[1], lines[0]);
}

/* libbpf's words begin "prog 'NAME': " or "map 'NAME': " when they are about one of them. */
static bool words_name(const char *words, const char *kind, char name[NAME_SIZE])
{
	size_t size;

	if (!begins(words, kind) || !begins(words + strlen(kind), " '"))
		return false;
	words += strlen(kind) + 2;
	size = strcspn(words, "'");
	if (size >= NAME_SIZE)
		return false;
	memcpy(name, words, size);
	name[size] = '\0';
	return true;
}

/* A helper that no kernel of this one's age has is "invalid"; one that tc programs may not call is "unknown". */
static const char *helper_words(const char *verdict)
{
	if (strstr(verdict, "invalid func "))
		return "needs a newer kernel, it calls a helper that this one does not have";
	if (strstr(verdict, "unknown func ") || strstr(verdict, "cannot use helper "))
		return "calls a helper that this kernel does not have for tc programs";
	return "the verifier refused it";
}

static int refused_by_verifier(int code, const char *path, const char *program, const char *log)
{
	auto_(mem) char *verdict = verifier_words(log);

	if (!verdict)
		return fail_memory();
	/* Before 6.4 a log that overflows keeps its beginning, and the cause is at its end. */
	if (code == -ENOSPC)
		return fail(-EINVAL, "object %s, program %s: the verifier refused it, in more words than can be kept; "
			    "the last: %s", path, program, verdict);
	return fail(-EINVAL, "object %s, program %s: %s: %s", path, program, helper_words(verdict), verdict);
}

/* A map was left out, because libbpf believes that this kernel has none of its kind. */
static int refused_by_libbpf(int code, const char *path, const char *program, const char *log)
{
	auto_(mem) char *what = text_format("object %s, program %s", path, program);
	auto_(mem) char *words = verifier_words(log);

	return what && words ? libbpf_distrust(code, what, words) : fail_memory();
}

/* The map of @object that libbpf's words are about, if the kernel does not know its type; otherwise NULL. */
static const struct bpf_map *map_unknown(int code, struct bpf_object *object, const char *words)
{
	const struct bpf_map *map;
	char name[NAME_SIZE];

	if (code != -EINVAL || !words_name(words, "map", name))
		return NULL;
	map = bpf_object__find_map_by_name(object, name);
	/* Negative where libbpf does not know it either. */
	return map && libbpf_probe_bpf_map_type(bpf_map__type(map), NULL) <= 0 ? map : NULL;
}

static int refused_map_type(const char *path, const struct bpf_map *map)
{
	const char *type = libbpf_bpf_map_type_str(bpf_map__type(map));

	if (!type)
		return fail(-EINVAL, "object %s: needs a newer kernel: this one has no maps of type %u, as map '%s' is",
			    path, (unsigned int)bpf_map__type(map), bpf_map__name(map));
	return fail(-EINVAL, "object %s: needs a newer kernel: this one has no maps of type %s, as map '%s' is",
		    path, type, bpf_map__name(map));
}

/* libbpf's own codes are no errnos, and its "not found" is about something in the object. */
static int refusal_code(int code)
{
	return code <= -__LIBBPF_ERRNO__START || code >= 0 || code == -ENOENT || code == -ESRCH ? -EINVAL : code;
}

int object_refused(int code, const char *path, struct bpf_object *object, const struct bpf_program *program,
		   const char *log)
{
	const char *words = libbpf_last_words();
	const struct bpf_map *map;
	char name[NAME_SIZE];

	if (!words_name(words, "prog", name))
		snprintf(name, sizeof(name), "%s", bpf_program__name(program));
	/* libbpf's own remark in the verifier's log. */
	if (strstr(log, "is referenced but wasn't created"))
		return refused_by_libbpf(code, path, name, log);
	if (log[0])
		return refused_by_verifier(code, path, name, log);
	if (code == -ENOMEM)
		return fail_memory();
	if (code == -EPERM)
		return fail(code, "object %s, program %s: loading it needs CAP_BPF and CAP_NET_ADMIN", path, name);
	map = map_unknown(code, object, words);
	if (map)
		return refused_map_type(path, map);
	code = refusal_code(code);
	if (strstr(words, "not found in kernel"))
		return fail(code, "object %s, program %s: needs a newer kernel: %s", path, name, words);
	if (words[0])
		return fail(code, "object %s, program %s: %s", path, name, words);
	return fail_errno(code, "object %s, program %s", path, name);
}
