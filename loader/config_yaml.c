// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * YAML text -> a tree that knows its lines.
 *
 * What is no YAML, or more of it than a file of chains needs (aliases, several
 * documents, deep nesting), is refused here, each in one sentence at its line.
 * What keys and values mean is left to config_schema.c and config.c.
 */
#include "config_yaml.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "error.h"

/* The schema needs five. */
#define DEPTH_LIMIT 16U

int document_wrong(const struct document *document, unsigned int line, const char *format, ...)
{
	auto_(mem) char *sentence = NULL;
	va_list arguments;
	int r;

	va_start(arguments, format);
	r = vasprintf(&sentence, format, arguments);
	va_end(arguments);
	if (r < 0) {
		sentence = NULL; /* vasprintf() left it undefined */
		return fail_memory();
	}
	/* What it quotes may be as long as a file; who reads it wants to know where to look. */
	return fail_input(-EINVAL, "%s:%u: %.500s", document->path, line, sentence);
}

int document_not_yet(const struct document *document, unsigned int line, const char *what)
{
	return fail(-EOPNOTSUPP, "%s:%u: %s is not supported yet", document->path, line, what);
}

unsigned int document_line(const yaml_node_t *node)
{
	return (unsigned int)node->start_mark.line + 1;
}

const char *document_text(const yaml_node_t *scalar)
{
	return (const char *)scalar->data.scalar.value;
}

/* The library's getters take no const, and change nothing. */
static yaml_node_t *node_at(const struct document *document, int index)
{
	return yaml_document_get_node((yaml_document_t *)&document->tree, index);
}

yaml_node_t *document_root(const struct document *document)
{
	return yaml_document_get_root_node((yaml_document_t *)&document->tree);
}

yaml_node_t *document_entry(const struct document *document, const yaml_node_t *list, size_t index)
{
	const yaml_node_item_t *start;

	if (!list || list->type != YAML_SEQUENCE_NODE)
		return NULL;
	start = list->data.sequence.items.start;
	return index < (size_t)(list->data.sequence.items.top - start) ? node_at(document, start[index]) : NULL;
}

yaml_node_t *document_key(const struct document *document, const yaml_node_t *mapping, size_t index)
{
	const yaml_node_pair_t *start;

	if (!mapping || mapping->type != YAML_MAPPING_NODE)
		return NULL;
	start = mapping->data.mapping.pairs.start;
	return index < (size_t)(mapping->data.mapping.pairs.top - start) ? node_at(document, start[index].key) : NULL;
}

yaml_node_t *document_value(const struct document *document, const yaml_node_t *mapping, const char *key)
{
	const yaml_node_t *node;

	for (size_t i = 0; (node = document_key(document, mapping, i)); i++) {
		if (node->type == YAML_SCALAR_NODE && text_equal(document_text(node), key))
			return node_at(document, mapping->data.mapping.pairs.start[i].value);
	}
	return NULL;
}

/* Where libyaml's own words are a riddle, or its mark is where it gave up and not where the mistake began. */
static const struct syntax_word {
	const char *problem;
	const char *sentence;
	bool at_context;
} syntax_words[] = {
	{ "found unexpected end of stream", "the quote that opens here is never closed", true },
	{ "found unexpected document indicator", "the quote that opens here is never closed", true },
	{ "could not find expected ':'", "a ':' is missing", true },
	{ "did not find expected ',' or ']'", "a ',' is missing in the list that opens here, or its ']'", true },
	{ "did not find expected ',' or '}'", "a ',' is missing in the mapping that opens here, or its '}'", true },
	{ "did not find expected key", "a key was expected: does the indentation fit the lines above?", false },
	{ "did not find expected '-' indicator", "a '-' was expected: does the indentation fit the lines above?", false },
	{ "did not find expected node content", "a value was expected", false },
	{ "mapping values are not allowed in this context",
	  "a ':' was not expected here: does the indentation fit, is a quote or another ':' missing?", false },
	{ "block sequence entries are not allowed in this context", "a '-' was not expected here", false },
	{ "mapping keys are not allowed in this context", "a '?' was not expected here", false },
	{ "found a tab character that violates indentation", "a tab indents; only spaces may", false },
	{ "found a tab character where an indentation space is expected", "a tab indents; only spaces may", false },
	{ "found undefined tag handle", "a tag ('!') that nobody defined", false },
};

/* The reader fails before it counts lines; it knows the byte. */
static unsigned int line_of_byte(const char *text, size_t size, size_t offset)
{
	unsigned int line = 1;

	for (size_t i = 0; i < offset && i < size; i++)
		line += text[i] == '\n';
	return line;
}

static int reader_wrong(const struct document *document, const yaml_parser_t *parser, const char *text, size_t size)
{
	unsigned int line = line_of_byte(text, size, parser->problem_offset);

	if (text_equal(parser->problem, "control characters are not allowed"))
		return document_wrong(document, line, "the control character 0x%02x may not stand in a file",
				      (unsigned int)parser->problem_value);
	return document_wrong(document, line, "the file is not UTF-8 text");
}

static const char *token_sentence(char c)
{
	if (c == '\t')
		return "a tab indents; only spaces may";
	return c == '%' || c == '@' || c == '`' ? "a value that begins with '%', '@' or '`' needs quotes" : "not YAML";
}

static int syntax_wrong(const struct document *document, const yaml_parser_t *parser)
{
	const struct syntax_word *word = NULL;
	unsigned int line = (unsigned int)parser->problem_mark.line + 1;

	for (size_t i = 0; i < ARRAY_SIZE(syntax_words) && !word; i++) {
		if (text_equal(syntax_words[i].problem, parser->problem))
			word = &syntax_words[i];
	}
	/* The scanner stands on the character that it cannot take. */
	if (text_equal(parser->problem, "found character that cannot start any token"))
		return document_wrong(document, line, "%s", token_sentence((char)*parser->buffer.pointer));
	if (!word)
		return document_wrong(document, line, "not YAML: %s", parser->problem);
	if (word->at_context && parser->context)
		line = (unsigned int)parser->context_mark.line + 1;
	return document_wrong(document, line, "%s", word->sentence);
}

static int parser_wrong(const struct document *document, const yaml_parser_t *parser, const char *text, size_t size)
{
	switch (parser->error) {
	case YAML_MEMORY_ERROR:
		return fail_memory();
	case YAML_READER_ERROR:
		return reader_wrong(document, parser, text, size);
	default:
		return syntax_wrong(document, parser);
	}
}

static const yaml_char_t *event_anchor(const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return event->data.scalar.anchor;
	case YAML_SEQUENCE_START_EVENT:
		return event->data.sequence_start.anchor;
	case YAML_MAPPING_START_EVENT:
		return event->data.mapping_start.anchor;
	default:
		return NULL;
	}
}

struct extent {
	unsigned int depth, documents;
};

static int event_check(const struct document *document, const yaml_event_t *event, struct extent *extent)
{
	unsigned int line = (unsigned int)event->start_mark.line + 1;

	if (event->type == YAML_ALIAS_EVENT)
		return document_wrong(document, line, "aliases ('*%s') are not allowed", event->data.alias.anchor);
	if (event_anchor(event))
		return document_wrong(document, line, "anchors ('&%s') are not allowed", event_anchor(event));
	if (event->type == YAML_DOCUMENT_START_EVENT && extent->documents++ > 0)
		return document_wrong(document, line, "a second document begins here: a file holds one");
	if (event->type == YAML_SEQUENCE_START_EVENT || event->type == YAML_MAPPING_START_EVENT)
		extent->depth++;
	if (event->type == YAML_SEQUENCE_END_EVENT || event->type == YAML_MAPPING_END_EVENT)
		extent->depth--;
	if (extent->depth > DEPTH_LIMIT)
		return document_wrong(document, line, "nested deeper than %u levels", DEPTH_LIMIT);
	return 0;
}

static int events_check(const struct document *document, yaml_parser_t *parser, const char *text, size_t size)
{
	struct extent extent = { 0 };
	bool end = false;
	int r = 0;

	while (!end && r == 0) {
		yaml_event_t event;

		if (!yaml_parser_parse(parser, &event))
			return parser_wrong(document, parser, text, size);
		end = event.type == YAML_STREAM_END_EVENT;
		r = event_check(document, &event, &extent);
		yaml_event_delete(&event);
	}
	if (r == 0 && extent.documents == 0)
		return document_wrong(document, 1, "the file is empty");
	return r;
}

static int parser_open(yaml_parser_t *parser, const char *text, size_t size)
{
	if (!yaml_parser_initialize(parser))
		return fail_memory();
	/* Otherwise a few bytes at its start could make UTF-16 of a file, where bytes are no lines. */
	yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(parser, (const unsigned char *)text, size);
	return 0;
}

/* The tree has forgotten what was an alias, so the events are looked at first. */
static int events_read(const struct document *document, const char *text, size_t size)
{
	yaml_parser_t parser;
	int r;

	r = parser_open(&parser, text, size);
	if (r < 0)
		return r;
	r = events_check(document, &parser, text, size);
	yaml_parser_delete(&parser);
	return r;
}

int document_tree(struct document *document, const char *text, size_t size)
{
	yaml_parser_t parser;
	int r;

	if (size > CONFIG_SIZE_MAX)
		return document_wrong(document, 1, "the file is larger than 1 MiB");
	r = events_read(document, text, size);
	if (r < 0)
		return r;
	r = parser_open(&parser, text, size);
	if (r < 0)
		return r;
	if (yaml_parser_load(&parser, &document->tree))
		document->has_tree = true;
	else
		r = parser_wrong(document, &parser, text, size);
	yaml_parser_delete(&parser);
	return r;
}
