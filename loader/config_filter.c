// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * One filter of a file -> a filter of a chain: its program, numbers and words.
 *
 * What stands here has the keys and types that config_schema.c asks for; whether
 * the object, the pin or the program is there is for those who load it.
 */
#include "config_parts.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "error.h"

/* For a key that is there. */
static unsigned int line_of(const struct reading *reading, const yaml_node_t *mapping, const char *key)
{
	return document_line(document_value(reading->document, mapping, key));
}

static int number_read(const struct reading *reading, const yaml_node_t *mapping, const char *key, const char *text,
		       uint32_t max, uint32_t *ret_number)
{
	uint64_t value;

	if (!text)
		return 0;
	if (text_number(text, max, &value) < 0 || value == 0)
		return document_wrong(reading->document, line_of(reading, mapping, key),
				      "%s must be a number from 1 to %u, not '%s'", key, max, text);
	*ret_number = (uint32_t)value;
	return 0;
}

static int path_read(const struct reading *reading, const yaml_node_t *program, const char *key, const char *path,
		     char **ret_path)
{
	auto_(mem) char *absolute = NULL;

	/* "./meter.o" and "meter.o" are one program, not a change from one to the other. */
	while (strncmp(path, "./", 2) == 0)
		path += 1 + strspn(path + 1, "/");
	absolute = path[0] == '/' ? strdup(path) : text_format("%s/%s", reading->directory, path);
	if (!absolute)
		return fail_memory();
	if (strlen(absolute) >= DAISY_PATH_SIZE)
		return document_wrong(reading->document, line_of(reading, program, key),
				      "the path of %s is longer than %u bytes", key, DAISY_PATH_SIZE - 1);
	*ret_path = TAKE_PTR(absolute);
	return 0;
}

static int hex_digit(char c)
{
	if (!isxdigit((unsigned char)c))
		return -EINVAL;
	return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

static int digest_parse(const char *text, uint8_t digest[DAISY_DIGEST_SIZE])
{
	if (strlen(text) != 2 * DAISY_DIGEST_SIZE)
		return -EINVAL;
	for (size_t i = 0; i < DAISY_DIGEST_SIZE; i++) {
		int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return -EINVAL;
		digest[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}

static int object_read(const struct reading *reading, const yaml_node_t *program, const struct file_program *from,
		       struct source *source)
{
	int r;

	source->kind = DAISY_SOURCE_OBJECT;
	r = path_read(reading, program, "object", from->object, &source->path);
	if (r < 0)
		return r;
	if (from->section && from->symbol)
		return document_wrong(reading->document, line_of(reading, program, "symbol"),
				      "section and symbol both choose the program: one of them is enough");
	if (text_set(&source->section, from->section) < 0 || text_set(&source->symbol, from->symbol) < 0)
		return fail_memory();
	source->section_named = from->section;
	source->symbol_named = from->symbol;
	source->has_digest = from->sha256;
	if (from->sha256 && digest_parse(from->sha256, source->digest) < 0)
		return document_wrong(reading->document, line_of(reading, program, "sha256"),
				      "sha256 must be 64 hexadecimal digits");
	return 0;
}

/* A second source is the one too many. */
static int sources_check(const struct reading *reading, const yaml_node_t *program)
{
	const yaml_node_t *key;
	unsigned int sources = 0;

	for (size_t i = 0; (key = document_key(reading->document, program, i)); i++) {
		const char *word = document_text(key);

		if (!text_equal(word, "object") && !text_equal(word, "pinned") && !text_equal(word, "id"))
			continue;
		if (sources++ > 0)
			return document_wrong(reading->document, document_line(key),
					      "a program has one source: object, pinned or id, not several");
	}
	if (sources == 0)
		return document_wrong(reading->document, document_line(program),
				      "a program needs one of object, pinned and id");
	return 0;
}

static int program_check(const struct reading *reading, const yaml_node_t *program, const struct file_program *from)
{
	static const char *const of_object[] = { "section", "symbol", "sha256" };
	int r;

	r = sources_check(reading, program);
	if (r < 0)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(of_object) && !from->object; i++) {
		if (document_value(reading->document, program, of_object[i]))
			return document_wrong(reading->document, line_of(reading, program, of_object[i]),
					      "%s is for a program from an object only", of_object[i]);
	}
	return 0;
}

static int program_read(const struct reading *reading, const yaml_node_t *program, const struct file_program *from,
			struct source *source)
{
	int r;

	r = program_check(reading, program, from);
	if (r < 0)
		return r;
	if (from->object)
		return object_read(reading, program, from, source);
	if (from->pinned) {
		source->kind = DAISY_SOURCE_PINNED;
		return path_read(reading, program, "pinned", from->pinned, &source->path);
	}
	source->kind = DAISY_SOURCE_ID;
	return number_read(reading, program, "id", from->id, UINT32_MAX, &source->id);
}

static int verdict_read(const struct reading *reading, const char *what, const yaml_node_t *node, uint32_t *verdicts)
{
	enum daisy_verdict verdict;
	int r;

	r = document_scalar(reading->document, what, node);
	if (r < 0)
		return r;
	if (verdict_parse(document_text(node), &verdict) < 0)
		return document_wrong(reading->document, document_line(node),
				      "continue-on takes ok, shot, stolen, trap and redirect, not '%s'",
				      document_text(node));
	if (verdict == DAISY_UNSPEC)
		return document_wrong(reading->document, document_line(node),
				      "continue-on cannot have unspec: a chain goes on behind it in any case");
	*verdicts |= 1U << verdict;
	return 0;
}

static int continue_on_read(const struct reading *reading, const yaml_node_t *mapping, uint32_t *verdicts)
{
	const yaml_node_t *value = document_value(reading->document, mapping, "continue-on");
	const yaml_node_t *entry;
	int r;

	if (!value)
		return 0;
	if (value->type == YAML_SCALAR_NODE)
		return verdict_read(reading, "continue-on", value, verdicts);
	if (value->type == YAML_MAPPING_NODE)
		return document_wrong(reading->document, document_line(value), "continue-on must be a list of verdicts");
	for (size_t i = 0; (entry = document_entry(reading->document, value, i)); i++) {
		r = verdict_read(reading, "a verdict of continue-on", entry, verdicts);
		if (r < 0)
			return r;
	}
	return 0;
}

static int mode_check(const struct reading *reading, const yaml_node_t *mapping, const char *mode)
{
	if (!mode || text_equal(mode, "da"))
		return 0;
	if (text_equal(mode, "classify"))
		return document_not_yet(reading->document, line_of(reading, mapping, "mode"), "mode classify");
	return document_wrong(reading->document, line_of(reading, mapping, "mode"),
			      "mode must be da or classify, not '%s'", mode);
}

static int owner_read(const struct reading *reading, const yaml_node_t *mapping, const char *owner,
		      struct filter *filter)
{
	if (!owner)
		return 0;
	if (!name_valid_short(owner))
		return document_wrong(reading->document, line_of(reading, mapping, "owner"),
				      "'%s' cannot name an owner: 1 to %u bytes, no '/', no control characters", owner,
				      DAISY_OWNER_SIZE - 1);
	return text_set(&filter->owner, owner) < 0 ? fail_memory() : 0;
}

static int options_read(const struct reading *reading, const yaml_node_t *mapping, const struct file_filter *from,
			struct filter *filter)
{
	int r;

	r = owner_read(reading, mapping, from->owner, filter);
	if (r < 0)
		return r;
	r = mode_check(reading, mapping, from->mode);
	if (r < 0)
		return r;
	r = number_read(reading, mapping, "prio", from->prio, CHAIN_PRIO_MAX, &filter->prio);
	if (r < 0)
		return r;
	r = number_read(reading, mapping, "handle", from->handle, CHAIN_HANDLE_MAX, &filter->handle);
	if (r < 0)
		return r;
	return continue_on_read(reading, mapping, &filter->continue_on);
}

/* Here is still known on which line the file says it; numbers that it leaves open are plan_number()'s. */
static int numbers_check(const struct reading *reading, const struct chain *chain, const struct filter *filter)
{
	for (size_t i = 0; i < chain->filter_count && filter->prio; i++) {
		const struct filter *earlier = chain->filters[i];

		if (earlier->prio > filter->prio)
			return document_wrong(reading->document, filter->line,
					      "filter '%s' with prio %u cannot run behind filter '%s' with prio %u, on line %u",
					      filter->name, filter->prio, earlier->name, earlier->prio, earlier->line);
		if (earlier->prio == filter->prio && filter->handle && earlier->handle == filter->handle)
			return document_wrong(reading->document, filter->line,
					      "filter '%s' cannot have handle %u of prio %u: filter '%s' has it, on line %u",
					      filter->name, filter->handle, filter->prio, earlier->name, earlier->line);
	}
	return 0;
}

/* The chain owns @filter when 0 is returned. */
static int filter_append(const struct reading *reading, const yaml_node_t *mapping, struct chain *chain,
			 struct filter *filter)
{
	const struct filter *earlier = chain_find(chain, filter->name);
	int r;

	if (earlier)
		return document_wrong(reading->document, line_of(reading, mapping, "name"),
				      "chain '%s' has a filter '%s' already, on line %u", chain->name, filter->name,
				      earlier->line);
	r = numbers_check(reading, chain, filter);
	if (r < 0)
		return r;
	return chain_insert(chain, chain->filter_count, filter) < 0 ? fail_memory() : 0;
}

int filter_read(const struct reading *reading, const yaml_node_t *node, const struct file_filter *from,
		struct chain *chain)
{
	const yaml_node_t *program = document_value(reading->document, node, "program");
	auto_(filter) struct filter *filter = NULL;
	int r;

	if (!name_valid_filter(from->name))
		return document_wrong(reading->document, line_of(reading, node, "name"),
				      "'%s' cannot name a filter: control characters are not allowed", from->name);
	if (filter_new(from->name, reading->owner, &filter) < 0)
		return fail_memory();
	filter->line = document_line(node);
	r = program_read(reading, program, &from->program, &filter->source);
	if (r < 0)
		return r;
	r = options_read(reading, node, from, filter);
	if (r < 0)
		return r;
	r = filter_append(reading, node, chain, filter);
	if (r < 0)
		return r;
	TAKE_PTR(filter);
	return 0;
}
