// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * A view -> a file that apply accepts.
 *
 * What is written here config.c reads back as equal chains. The file is made in
 * memory first: half a file would be applied as if it were a whole one. Numbers
 * that daisy gave out itself are written too, so that the same file gives the
 * same chain on another host.
 */
#include "show.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>
#include <yaml.h>

#include "error.h"
#include "utf8.h"

/* The first failure stays in @r, with words; what is put after it goes nowhere. */
struct yaml {
	yaml_emitter_t emitter;
	int r;
};

/* Takes @event, which was @made or not. */
static void emit(struct yaml *yaml, int made, yaml_event_t *event)
{
	if (made && yaml->r == 0)
		made = yaml_emitter_emit(&yaml->emitter, event);
	else if (made)
		yaml_event_delete(event);
	if (!made && yaml->r == 0)
		yaml->r = fail_memory();
}

static void map_open(struct yaml *yaml, yaml_mapping_style_t style)
{
	yaml_event_t event;

	emit(yaml, yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, style), &event);
}

static void map_close(struct yaml *yaml)
{
	yaml_event_t event;

	emit(yaml, yaml_mapping_end_event_initialize(&event), &event);
}

static void list_open(struct yaml *yaml, yaml_sequence_style_t style)
{
	yaml_event_t event;

	emit(yaml, yaml_sequence_start_event_initialize(&event, NULL, NULL, 1, style), &event);
}

static void list_close(struct yaml *yaml)
{
	yaml_event_t event;

	emit(yaml, yaml_sequence_end_event_initialize(&event), &event);
}

static void scalar(struct yaml *yaml, const char *text, yaml_scalar_style_t style)
{
	yaml_event_t event;

	emit(yaml, yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)text, (int)strlen(text), 1, 1,
						style), &event);
}

/* Other readers of YAML take these for something else than text. */
static bool is_yaml_word(const char *text)
{
	static const char *const words[] = { "y", "n", "yes", "no", "on", "off", "true", "false", "null" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcasecmp(text, words[i]) == 0)
			return true;
	}
	return false;
}

/* True for text that needs no quotes, whoever reads it. */
static bool is_plain(const char *text)
{
	if (!isalpha((unsigned char)*text) && *text != '/')
		return false;
	for (const char *c = text; *c; c++) {
		if (!isalnum((unsigned char)*c) && !strchr("/._-+@", *c))
			return false;
	}
	return !is_yaml_word(text);
}

static void text_put(struct yaml *yaml, const char *text)
{
	if (yaml->r == 0 && !utf8_valid(text))
		yaml->r = fail(-EILSEQ, "'%s' is not UTF-8, and so cannot be written into a file", text);
	scalar(yaml, text, is_plain(text) ? YAML_PLAIN_SCALAR_STYLE : YAML_DOUBLE_QUOTED_SCALAR_STYLE);
}

static void key_put(struct yaml *yaml, const char *key)
{
	scalar(yaml, key, YAML_PLAIN_SCALAR_STYLE);
}

static void pair_put(struct yaml *yaml, const char *key, const char *text)
{
	key_put(yaml, key);
	text_put(yaml, text);
}

static void number_put(struct yaml *yaml, const char *key, uint32_t value)
{
	char text[16];

	snprintf(text, sizeof(text), "%" PRIu32, value);
	key_put(yaml, key);
	scalar(yaml, text, YAML_PLAIN_SCALAR_STYLE);
}

static void digest_put(struct yaml *yaml, const uint8_t *digest)
{
	char text[2 * DAISY_DIGEST_SIZE + 1];

	for (size_t i = 0; i < DAISY_DIGEST_SIZE; i++)
		snprintf(text + 2 * i, 3, "%02x", digest[i]);
	pair_put(yaml, "sha256", text);
}

/* Only what the user named, and a symbol tells more than its section: the rest is found again. */
static void object_put(struct yaml *yaml, const struct source *source)
{
	pair_put(yaml, "object", source->path);
	if (source->symbol_named)
		pair_put(yaml, "symbol", source->symbol);
	else if (source->section_named)
		pair_put(yaml, "section", source->section);
	if (source->has_digest)
		digest_put(yaml, source->digest);
}

static void program_put(struct yaml *yaml, const struct filter *filter)
{
	const struct source *source = &filter->source;

	key_put(yaml, "program");
	map_open(yaml, YAML_FLOW_MAPPING_STYLE);
	switch (source->kind) {
	case DAISY_SOURCE_OBJECT:
		object_put(yaml, source);
		break;
	case DAISY_SOURCE_PINNED:
		pair_put(yaml, "pinned", source->path);
		break;
	case DAISY_SOURCE_ID:
		number_put(yaml, "id", source->id);
		break;
	case DAISY_SOURCE_NONE:
		number_put(yaml, "id", filter->prog_id);
		break;
	}
	map_close(yaml);
}

/* Behind unspec a chain goes on in any case, and a file must not ask for it. */
static void continue_on_put(struct yaml *yaml, uint32_t verdicts)
{
	verdicts &= ~(1U << DAISY_UNSPEC);
	if (!verdicts)
		return;
	key_put(yaml, "continue-on");
	list_open(yaml, YAML_FLOW_SEQUENCE_STYLE);
	for (enum daisy_verdict v = 0; v < DAISY_VERDICTS; v++) {
		if (verdicts & 1U << v)
			text_put(yaml, verdict_word(v));
	}
	list_close(yaml);
}

static void filter_put(struct yaml *yaml, const struct filter *filter)
{
	char classid[32];

	map_open(yaml, YAML_BLOCK_MAPPING_STYLE);
	pair_put(yaml, "name", filter->name);
	program_put(yaml, filter);
	/* Always: a file without owners is somebody else's for whoever applies it under another name. */
	if (filter->owner)
		pair_put(yaml, "owner", filter->owner);
	number_put(yaml, "prio", filter->prio);
	number_put(yaml, "handle", filter->handle);
	if (filter->classid)
		pair_put(yaml, "classid", classid_format(classid, sizeof(classid), filter->classid));
	if (filter->flags & DAISY_F_CLASSIFY)
		pair_put(yaml, "mode", "classify");
	continue_on_put(yaml, filter->continue_on);
	map_close(yaml);
}

/* A chain has the same filters on all its hooks: the first one tells them. */
static bool hook_is_first(const struct view *view, size_t index)
{
	for (size_t i = 0; i < index; i++) {
		if (text_equal(view->hooks[i].chain, view->hooks[index].chain))
			return false;
	}
	return true;
}

static void chains_put(struct yaml *yaml, const struct view *view)
{
	key_put(yaml, "chains");
	map_open(yaml, YAML_BLOCK_MAPPING_STYLE);
	for (size_t i = 0; i < view->hook_count; i++) {
		const struct view_hook *hook = &view->hooks[i];

		if (!hook->chain || !hook_is_first(view, i))
			continue;
		text_put(yaml, hook->chain);
		list_open(yaml, YAML_BLOCK_SEQUENCE_STYLE);
		for (size_t j = 0; j < hook->filter_count; j++)
			filter_put(yaml, hook->filters[j].filter);
		list_close(yaml);
	}
	map_close(yaml);
}

/* In a file a device is a pattern for fnmatch(): what is one there stands for itself. */
static void dev_put(struct yaml *yaml, const char *dev)
{
	auto_(mem) char *pattern = malloc(2 * strlen(dev) + 1);
	char *to = pattern;

	if (!pattern) {
		yaml->r = yaml->r ? yaml->r : fail_memory();
		return;
	}
	for (; *dev; dev++) {
		if (strchr("*?[\\", *dev))
			*to++ = '\\';
		*to++ = *dev;
	}
	*to = '\0';
	pair_put(yaml, "dev", pattern);
}

static void hook_put(struct yaml *yaml, const struct view_hook *hook)
{
	map_open(yaml, YAML_FLOW_MAPPING_STYLE);
	pair_put(yaml, "chain", hook->chain);
	dev_put(yaml, hook->dev);
	pair_put(yaml, "at", at_word(hook->at));
	if (hook->engine != DAISY_ENGINE_TAILCALL)
		pair_put(yaml, "engine", engine_word(hook->engine));
	map_close(yaml);
}

static void hooks_put(struct yaml *yaml, const struct view *view)
{
	key_put(yaml, "hooks");
	list_open(yaml, YAML_BLOCK_SEQUENCE_STYLE);
	for (size_t i = 0; i < view->hook_count; i++) {
		/* A device that is gone has no name that a file could give it. */
		if (view->hooks[i].chain && view->hooks[i].dev)
			hook_put(yaml, &view->hooks[i]);
	}
	list_close(yaml);
}

static void file_put(struct yaml *yaml, const struct view *view)
{
	yaml_event_t event;

	emit(yaml, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING), &event);
	emit(yaml, yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1), &event);
	map_open(yaml, YAML_BLOCK_MAPPING_STYLE);
	chains_put(yaml, view);
	hooks_put(yaml, view);
	map_close(yaml);
	emit(yaml, yaml_document_end_event_initialize(&event, 1), &event);
	emit(yaml, yaml_stream_end_event_initialize(&event), &event);
}

static int memory_write(const struct view *view, FILE *memory)
{
	struct yaml yaml = { .r = 0 };

	if (!yaml_emitter_initialize(&yaml.emitter))
		return fail_memory();
	yaml_emitter_set_output_file(&yaml.emitter, memory);
	yaml_emitter_set_unicode(&yaml.emitter, 1);
	/* No folding: a long path stays on its line. */
	yaml_emitter_set_width(&yaml.emitter, -1);
	file_put(&yaml, view);
	yaml_emitter_delete(&yaml.emitter);
	return yaml.r;
}

int export_yaml(const struct view *view, FILE *out)
{
	auto_(mem) char *text = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&text, &size);
	int r;

	if (!memory)
		return fail_memory();
	r = memory_write(view, memory);
	/* glibc's fclose() succeeds without memory too, and leaves no text. */
	if ((fclose(memory) != 0 || !text) && r == 0)
		r = fail_memory();
	if (r < 0)
		return r;
	fwrite(text, 1, size, out);
	return stream_done(out);
}
