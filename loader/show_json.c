// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * A view, a result or a failure -> JSON for programs.
 *
 * Scripts are written against the names, the order and the nulls of this
 * output, so every key is there whether it has a value or not, unless it says
 * otherwise below. An answer is one line. The same for people is show.c's and
 * outcome.c's.
 */
#include "show.h"

#include <errno.h>
#include <json.h>
#include <string.h>

#include "error.h"
#include "utf8.h"

static void json_free(struct json_object *json)
{
	json_object_put(json);
}

DEFINE_CLEANUP(json, struct json_object *, json_free)

/*
 * What follows adds one key to an object, or one value to an array, and returns
 * 0 or -ENOMEM; or returns the new member, that belongs to its parent, or NULL.
 * What was built so far is freed with its root.
 */

static int put_null(struct json_object *to, const char *key)
{
	return json_object_object_add(to, key, NULL) < 0 ? -ENOMEM : 0;
}

/* Takes @value. */
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
	return text ? put(to, key, json_object_new_string(text)) : put_null(to, key);
}

static int put_number(struct json_object *to, const char *key, uint64_t value)
{
	return put(to, key, json_object_new_uint64(value));
}

/* For numbers of which 0 means none. */
static int put_some(struct json_object *to, const char *key, uint32_t value)
{
	return value ? put_number(to, key, value) : put_null(to, key);
}

static int put_bool(struct json_object *to, const char *key, bool value)
{
	return put(to, key, json_object_new_boolean(value));
}

static int put_hex(struct json_object *to, const char *key, const uint8_t *bytes, size_t size)
{
	char text[2 * DAISY_DIGEST_SIZE + 1];

	for (size_t i = 0; i < size; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	return put_text(to, key, text);
}

static struct json_object *put_array(struct json_object *to, const char *key)
{
	struct json_object *array = json_object_new_array();

	return put(to, key, array) < 0 ? NULL : array;
}

static struct json_object *put_object(struct json_object *to, const char *key)
{
	struct json_object *object = json_object_new_object();

	return put(to, key, object) < 0 ? NULL : object;
}

static int append(struct json_object *array, struct json_object *value)
{
	if (!value)
		return -ENOMEM;
	if (json_object_array_add(array, value) == 0)
		return 0;
	json_object_put(value);
	return -ENOMEM;
}

static struct json_object *append_object(struct json_object *array)
{
	struct json_object *object = json_object_new_object();

	return append(array, object) < 0 ? NULL : object;
}

static int object_put(struct json_object *to, const struct source *source)
{
	if (put_text(to, "object", source->path) < 0 || put_text(to, "section", source->section) < 0)
		return -ENOMEM;
	if (source->symbol && put_text(to, "symbol", source->symbol) < 0)
		return -ENOMEM;
	return source->has_digest ? put_hex(to, "sha256", source->digest, DAISY_DIGEST_SIZE) : 0;
}

static int source_put(struct json_object *filter, const struct source *source)
{
	struct json_object *to;

	if (source->kind == DAISY_SOURCE_NONE)
		return put_null(filter, "source");
	to = put_object(filter, "source");
	if (!to)
		return -ENOMEM;
	if (source->kind == DAISY_SOURCE_OBJECT)
		return object_put(to, source);
	if (source->kind == DAISY_SOURCE_PINNED)
		return put_text(to, "pinned", source->path);
	return put_number(to, "id", source->id);
}

static int classid_put(struct json_object *to, uint32_t classid)
{
	char text[32];

	return put_text(to, "classid", classid ? classid_format(text, sizeof(text), classid) : NULL);
}

static int maps_put(struct json_object *to, const struct view_filter *filter)
{
	struct json_object *array = put_array(to, "map_ids");
	int r = array ? 0 : -ENOMEM;

	for (size_t i = 0; i < filter->map_count && r == 0; i++)
		r = append(array, json_object_new_uint64(filter->map_ids[i]));
	return r;
}

static int continue_on_put(struct json_object *to, uint32_t verdicts)
{
	struct json_object *array = put_array(to, "continue_on");
	int r = array ? 0 : -ENOMEM;

	for (enum daisy_verdict v = 0; v < DAISY_VERDICTS && r == 0; v++) {
		if (verdicts & 1U << v)
			r = append(array, json_object_new_string(verdict_word(v)));
	}
	return r;
}

static int count_put(struct json_object *to, const struct daisy_count *count)
{
	if (put_number(to, "packets", count->packets) < 0 || put_number(to, "bytes", count->bytes) < 0)
		return -ENOMEM;
	return 0;
}

static int verdicts_put(struct json_object *to, const struct view_filter *filter)
{
	struct json_object *verdicts = put_object(to, "verdicts");

	if (!verdicts)
		return -ENOMEM;
	for (enum daisy_verdict v = 0; v < DAISY_VERDICTS; v++) {
		if (put_number(verdicts, verdict_word(v), filter->by[v].packets) < 0)
			return -ENOMEM;
	}
	return put_number(verdicts, "missing", filter->missing);
}

/* Who it is, and where it stands. */
static int place_put(struct json_object *to, const struct filter *filter)
{
	if (put_text(to, "name", filter->name) < 0 ||
	    put_text(to, "owner", filter->owner) < 0 ||
	    put_number(to, "prio", filter->prio) < 0 ||
	    put_number(to, "handle", filter->handle) < 0 ||
	    classid_put(to, filter->classid) < 0 ||
	    put_text(to, "mode", filter->flags & DAISY_F_CLASSIFY ? "classify" : "da") < 0)
		return -ENOMEM;
	return 0;
}

static int program_put(struct json_object *to, const struct view_filter *view)
{
	const struct filter *filter = view->filter;
	int r;

	if (source_put(to, &filter->source) < 0 || put_some(to, "prog_id", filter->prog_id) < 0)
		return -ENOMEM;
	r = filter->prog_id ? put_hex(to, "tag", filter->tag, DAISY_TAG_SIZE) : put_null(to, "tag");
	return r < 0 ? r : maps_put(to, view);
}

static int filter_put(struct json_object *filters, const struct view_filter *view, bool stats)
{
	struct json_object *to = append_object(filters);
	uint32_t flags = view->filter->flags;

	if (!to ||
	    place_put(to, view->filter) < 0 ||
	    program_put(to, view) < 0 ||
	    put_bool(to, "skip_sw", flags & DAISY_F_SKIP_SW) < 0 ||
	    put_bool(to, "skip_hw", flags & DAISY_F_SKIP_HW) < 0 ||
	    put_bool(to, "in_hw", flags & DAISY_F_IN_HW) < 0 ||
	    !put_array(to, "actions") ||
	    continue_on_put(to, view->filter->continue_on) < 0)
		return -ENOMEM;
	if (stats && (count_put(to, &view->reached) < 0 || verdicts_put(to, view) < 0))
		return -ENOMEM;
	return 0;
}

static int filters_put(struct json_object *to, const struct view_hook *hook, bool stats)
{
	struct json_object *filters = put_array(to, "filters");
	int r = filters ? 0 : -ENOMEM;

	for (size_t i = 0; i < hook->filter_count && r == 0; i++)
		r = filter_put(filters, &hook->filters[i], stats);
	return r;
}

static int foreign_put(struct json_object *array, const struct view_foreign *foreign)
{
	struct json_object *to = append_object(array);

	if (!to ||
	    put_text(to, "where", foreign->where == VIEW_BEFORE ? "before" : "after") < 0 ||
	    put_text(to, "kind", foreign->kind) < 0 ||
	    put_some(to, "prio", foreign->prio) < 0 ||
	    put_some(to, "handle", foreign->handle) < 0 ||
	    put_text(to, "name", foreign->name) < 0 ||
	    put_some(to, "prog_id", foreign->prog_id) < 0)
		return -ENOMEM;
	return foreign->has_tag ? put_hex(to, "tag", foreign->tag, DAISY_TAG_SIZE) : put_null(to, "tag");
}

static int foreigns_put(struct json_object *to, const struct view_hook *hook)
{
	struct json_object *array = put_array(to, "foreign");
	int r = array ? 0 : -ENOMEM;

	for (size_t i = 0; i < hook->foreign_count && r == 0; i++)
		r = foreign_put(array, &hook->foreign[i]);
	return r;
}

static int tc_put(struct json_object *hook, const struct view_hook *view)
{
	struct json_object *to = put_object(hook, "tc");

	if (!to ||
	    put_some(to, "prio", view->prio) < 0 ||
	    put_some(to, "handle", view->handle) < 0 ||
	    put_some(to, "prog_id", view->prog_id) < 0 ||
	    put_text(to, "attach", view->attach) < 0)
		return -ENOMEM;
	return 0;
}

/* Nothing counts the packets of a hook without a chain: null, which is not 0. */
static int total_put(struct json_object *to, const struct view_hook *hook)
{
	if (hook->chain)
		return count_put(to, &hook->total);
	if (put_null(to, "packets") < 0 || put_null(to, "bytes") < 0)
		return -ENOMEM;
	return 0;
}

static int hook_put(struct json_object *hooks, const struct view_hook *hook, bool stats)
{
	struct json_object *to = append_object(hooks);

	if (!to ||
	    put_text(to, "netns", hook->netns) < 0 ||
	    put_text(to, "dev", hook->dev) < 0 ||
	    put_number(to, "ifindex", hook->ifindex) < 0 ||
	    put_text(to, "at", at_word(hook->at)) < 0 ||
	    put_text(to, "chain", hook->chain) < 0 ||
	    put_some(to, "revision", hook->revision) < 0 ||
	    put_text(to, "engine", hook->chain ? engine_word(hook->engine) : NULL) < 0 ||
	    tc_put(to, hook) < 0 ||
	    (stats && total_put(to, hook) < 0) ||
	    filters_put(to, hook, stats) < 0 ||
	    foreigns_put(to, hook) < 0)
		return -ENOMEM;
	return hook->damaged ? put_bool(to, "damaged", true) : 0;
}

/*
 * json-c hands bytes on as they are. Names of foreign filters and paths are
 * whatever somebody gave the kernel: a byte that is no UTF-8 becomes the text
 * \xNN, and what a terminal would obey is escaped, which means the same.
 */
static void text_write(const char *text, FILE *out)
{
	/* Behind a failure errno is its own, and the next write would cover it. */
	while (*text && !ferror(out)) {
		uint32_t c;
		size_t size = utf8_read(text, &c);

		if (size == 0)
			fprintf(out, "\\\\x%02x", (uint8_t)*text);
		else if (c >= 0x7f && c < 0xa0)
			fprintf(out, "\\u%04x", c);
		else
			fwrite(text, 1, size, out);
		text += size ? size : 1;
	}
}

static int json_write(struct json_object *json, FILE *out)
{
	const char *text = json_object_to_json_string_ext(json, JSON_C_TO_STRING_SPACED |
							  JSON_C_TO_STRING_NOSLASHESCAPE);

	if (!text)
		return fail_memory();
	text_write(text, out);
	if (ferror(out))
		return fail_errno(-errno, "cannot write the answer");
	fputc('\n', out);
	return stream_done(out);
}

int show_json(const struct view *view, bool stats, FILE *out)
{
	auto_(json) struct json_object *hooks = json_object_new_array();

	if (!hooks)
		return fail_memory();
	/* json-c puts a blank into it; this one answer is compared as text. */
	if (view->hook_count == 0) {
		fputs("[]\n", out);
		return stream_done(out);
	}
	for (size_t i = 0; i < view->hook_count; i++) {
		if (hook_put(hooks, &view->hooks[i], stats) < 0)
			return fail_memory();
	}
	return json_write(hooks, out);
}

static int outcome_hooks_put(struct json_object *to, const struct outcome *outcome)
{
	struct json_object *hooks = put_array(to, "hooks");

	for (size_t i = 0; i < outcome->hook_count && hooks; i++) {
		const struct outcome_hook *hook = &outcome->hooks[i];
		struct json_object *object = append_object(hooks);

		if (!object ||
		    put_text(object, "chain", hook->chain) < 0 ||
		    put_text(object, "dev", hook->dev) < 0 ||
		    put_number(object, "ifindex", hook->ifindex) < 0 ||
		    put_text(object, "at", at_word(hook->at)) < 0 ||
		    put_some(object, "revision", hook->revision) < 0)
			return -ENOMEM;
	}
	return hooks ? 0 : -ENOMEM;
}

/* A step has "filter", or "dev" and "at". */
static int step_put(struct json_object *steps, const struct step *step)
{
	struct json_object *to = append_object(steps);

	if (!to || put_text(to, "step", step_word(step->kind)) < 0 || put_text(to, "chain", step->chain) < 0)
		return -ENOMEM;
	if (step->filter) {
		if (put_text(to, "filter", step->filter) < 0)
			return -ENOMEM;
	} else if (put_text(to, "dev", step->dev) < 0 || put_text(to, "at", at_word(step->at)) < 0) {
		return -ENOMEM;
	}
	return put_text(to, "why", step->why);
}

static int steps_put(struct json_object *to, const struct plan *plan)
{
	struct json_object *steps = put_array(to, "steps");
	int r = steps ? 0 : -ENOMEM;

	for (size_t i = 0; i < plan->count && r == 0; i++)
		r = step_put(steps, &plan->steps[i]);
	return r;
}

int outcome_json(const struct outcome *outcome, FILE *out)
{
	auto_(json) struct json_object *to = json_object_new_object();

	if (!to ||
	    put_text(to, "chain", outcome->chain) < 0 ||
	    put_some(to, "revision", outcome->revision) < 0 ||
	    outcome_hooks_put(to, outcome) < 0 ||
	    steps_put(to, &outcome->plan) < 0 ||
	    (outcome->note && put_text(to, "note", outcome->note) < 0) ||
	    (outcome->dry_run && put_bool(to, "dry_run", true) < 0))
		return fail_memory();
	return json_write(to, out);
}

int error_json(const char *text, int code, FILE *out)
{
	auto_(json) struct json_object *to = json_object_new_object();

	if (!to || put_text(to, "error", text) < 0 || put_text(to, "errno", strerrorname_np(abs(code))) < 0)
		return fail_memory();
	return json_write(to, out);
}
