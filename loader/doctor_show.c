// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* What daisy doctor found -> text for people, or one JSON object; both end in the same conclusion. */
#include "doctor.h"

#include <errno.h>
#include <json.h>
#include <string.h>

#include "error.h"
#include "show.h"
#include "table.h"

static void json_free(struct json_object *json)
{
	json_object_put(json);
}

DEFINE_CLEANUP(json, struct json_object *, json_free)

#define RELEASE_SIZE 128

/* @before and "a, b, c", or nothing: the checks that failed, of those that are needed or of those that are not. */
static void names_write(const struct diagnosis *diagnosis, bool needed, const char *before, FILE *out)
{
	for (size_t i = 0; i < diagnosis->count; i++) {
		if (diagnosis->findings[i].ok || diagnosis->checks[i].needed != needed)
			continue;
		fprintf(out, "%s%s", before, diagnosis->checks[i].name);
		before = ", ";
	}
}

static void conclusion_write(const struct diagnosis *diagnosis, FILE *out)
{
	if (diagnosis->works) {
		fputs("tc chains work here", out);
		names_write(diagnosis, false, "; not here, and not needed for them: ", out);
	} else {
		fputs("tc chains do not work here", out);
		names_write(diagnosis, true, "; missing: ", out);
		fputs(" (begin with the first, others may hang on it)", out);
	}
}

/* NULL without memory. */
static char *conclusion_text(const struct diagnosis *diagnosis)
{
	auto_(mem) char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	conclusion_write(diagnosis, out);
	if (fclose(out) != 0)
		return NULL;
	return TAKE_PTR(text);
}

static const char *mark_of(const struct check *check, const struct finding *finding)
{
	if (finding->ok)
		return "ok";
	return check->needed ? "missing" : "optional";
}

static const char *mark_colour(const struct check *check, const struct finding *finding)
{
	if (finding->ok)
		return "";
	return check->needed ? COLOUR_RED : COLOUR_DIM;
}

static void check_write(const struct check *check, const struct finding *finding, int width, bool colour, FILE *out)
{
	const char *begin = colour ? mark_colour(check, finding) : "";

	fprintf(out, "  %s%-8s%s  %-*s  %s\n", begin, mark_of(check, finding), *begin ? COLOUR_NONE : "",
		width, check->name, finding->detail);
	if (finding->ok)
		return;
	fprintf(out, "            %*s  for: %s\n", width, "", check->purpose);
	fprintf(out, "            %*s  do: %s\n", width, "", finding->advice);
}

static int names_width(const struct diagnosis *diagnosis)
{
	size_t widest = 0;

	for (size_t i = 0; i < diagnosis->count; i++) {
		size_t width = strlen(diagnosis->checks[i].name);

		if (width > widest)
			widest = width;
	}
	return (int)widest;
}

int diagnosis_text(const struct diagnosis *diagnosis, bool colour, FILE *out)
{
	auto_(mem) char *conclusion = conclusion_text(diagnosis);
	int width = names_width(diagnosis);

	if (!conclusion)
		return fail_memory();
	for (size_t i = 0; i < diagnosis->count; i++)
		check_write(&diagnosis->checks[i], &diagnosis->findings[i], width, colour, out);
	fprintf(out, "%s%s%s\n", colour ? COLOUR_BOLD : "", conclusion, colour ? COLOUR_NONE : "");
	return stream_done(out);
}

/* Takes @value, which may be NULL for want of memory. */
static int put(struct json_object *to, const char *key, struct json_object *value)
{
	if (!value)
		return -ENOMEM;
	if (json_object_object_add(to, key, value) == 0)
		return 0;
	json_object_put(value);
	return -ENOMEM;
}

static int put_text(struct json_object *to, const char *key, const char *text)
{
	return put(to, key, json_object_new_string(text));
}

static int put_bool(struct json_object *to, const char *key, bool value)
{
	return put(to, key, json_object_new_boolean(value));
}

static int put_advice(struct json_object *to, const struct finding *finding)
{
	if (finding->ok)
		return json_object_object_add(to, "advice", NULL) < 0 ? -ENOMEM : 0;
	return put_text(to, "advice", finding->advice);
}

static int check_put(struct json_object *array, const struct check *check, const struct finding *finding)
{
	auto_(json) struct json_object *to = json_object_new_object();

	if (!to ||
	    put_text(to, "name", check->name) < 0 ||
	    put_text(to, "for", check->purpose) < 0 ||
	    put_bool(to, "needed", check->needed) < 0 ||
	    put_bool(to, "ok", finding->ok) < 0 ||
	    put_text(to, "detail", finding->detail) < 0 ||
	    put_advice(to, finding) < 0 ||
	    json_object_array_add(array, to) < 0)
		return -ENOMEM;
	TAKE_PTR(to);
	return 0;
}

static int checks_put(struct json_object *to, const struct diagnosis *diagnosis)
{
	struct json_object *array = json_object_new_array();
	int r = put(to, "checks", array);

	for (size_t i = 0; i < diagnosis->count && r == 0; i++)
		r = check_put(array, &diagnosis->checks[i], &diagnosis->findings[i]);
	return r;
}

static int diagnosis_put(struct json_object *to, const struct diagnosis *diagnosis)
{
	auto_(mem) char *conclusion = conclusion_text(diagnosis);
	char kernel[RELEASE_SIZE], libbpf[RELEASE_SIZE];

	doctor_release(kernel, sizeof(kernel));
	doctor_libbpf(libbpf, sizeof(libbpf));
	if (!conclusion ||
	    put_bool(to, "works", diagnosis->works) < 0 ||
	    put_text(to, "kernel", kernel) < 0 ||
	    put_text(to, "libbpf", libbpf) < 0 ||
	    put_text(to, "conclusion", conclusion) < 0)
		return -ENOMEM;
	return checks_put(to, diagnosis);
}

int diagnosis_json(const struct diagnosis *diagnosis, FILE *out)
{
	auto_(json) struct json_object *to = json_object_new_object();
	const char *text;

	if (!to || diagnosis_put(to, diagnosis) < 0)
		return fail_memory();
	text = json_object_to_json_string_ext(to, JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE);
	if (!text)
		return fail_memory();
	fprintf(out, "%s\n", text);
	return stream_done(out);
}
