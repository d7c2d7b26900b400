// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The schema of a daisy.yaml, and its text loaded by it.
 *
 * libcyaml loads by the schema, but tells neither the line of a mistake nor
 * one sentence about it. So the same schema is first held against the tree of
 * the text, which knows the lines; libcyaml then meets only what it can load.
 * What values mean is left to config.c.
 */
#include "config_yaml.h"

#include <errno.h>
#include <string.h>

#include "daisy_abi.h"
#include "error.h"

/* Flags of libcyaml that mean nothing to a key whose value it ignores. */
#define FLAG_NOT_YET CYAML_FLAG_BLOCK

/* Names are looked up one by one, here and in libcyaml: beyond this a file would take seconds. */
#define ENTRIES_MAX 4096U

#define TEXT(key, type, member, max) CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_OPTIONAL, type, member, 1, max)
#define TEXT_NEEDED(key, type, member, max) CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_DEFAULT, type, member, 1, max)
/* A word of the contract that daisy cannot do yet. */
#define NOT_YET(key) CYAML_FIELD_IGNORE(key, CYAML_FLAG_OPTIONAL | FLAG_NOT_YET)
/* One value or a list of them: no type of libcyaml says that, config.c takes it from the tree. */
#define ONE_OR_MORE(key) CYAML_FIELD_IGNORE(key, CYAML_FLAG_OPTIONAL)

static const cyaml_schema_field_t program_fields[] = {
	TEXT("object", struct file_program, object, DAISY_PATH_SIZE - 1),
	TEXT("section", struct file_program, section, DAISY_SECTION_SIZE - 1),
	TEXT("symbol", struct file_program, symbol, DAISY_SECTION_SIZE - 1),
	TEXT("sha256", struct file_program, sha256, CYAML_UNLIMITED),
	TEXT("pinned", struct file_program, pinned, DAISY_PATH_SIZE - 1),
	TEXT("id", struct file_program, id, CYAML_UNLIMITED),
	NOT_YET("offload"),
	CYAML_FIELD_END
};

static const cyaml_schema_field_t filter_fields[] = {
	TEXT_NEEDED("name", struct file_filter, name, DAISY_NAME_SIZE - 1),
	CYAML_FIELD_MAPPING("program", CYAML_FLAG_DEFAULT, struct file_filter, program, program_fields),
	TEXT("owner", struct file_filter, owner, DAISY_OWNER_SIZE - 1),
	TEXT("mode", struct file_filter, mode, CYAML_UNLIMITED),
	TEXT("prio", struct file_filter, prio, CYAML_UNLIMITED),
	TEXT("handle", struct file_filter, handle, CYAML_UNLIMITED),
	ONE_OR_MORE("continue-on"),
	NOT_YET("match"),
	NOT_YET("bytecode"),
	NOT_YET("bytecode-file"),
	NOT_YET("action"),
	NOT_YET("actions"),
	NOT_YET("classid"),
	NOT_YET("skip_sw"),
	NOT_YET("skip_hw"),
	NOT_YET("offload"),
	CYAML_FIELD_END
};

static const cyaml_schema_field_t hook_fields[] = {
	TEXT_NEEDED("chain", struct file_hook, chain, CYAML_UNLIMITED),
	TEXT_NEEDED("dev", struct file_hook, dev, DAISY_NAME_SIZE - 1),
	TEXT_NEEDED("at", struct file_hook, at, CYAML_UNLIMITED),
	TEXT("engine", struct file_hook, engine, CYAML_UNLIMITED),
	NOT_YET("offload"),
	CYAML_FIELD_END
};

static const cyaml_schema_value_t filter_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct file_filter, filter_fields),
};

static const cyaml_schema_value_t hook_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct file_hook, hook_fields),
};

static const cyaml_schema_field_t chain_field =
	CYAML_FIELD_SEQUENCE("", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct file_chain, filters, &filter_schema,
			     1, ENTRIES_MAX);

/* "chains" comes first: schema_make() completes it. */
static const cyaml_schema_field_t top_fields[] = {
	CYAML_FIELD_MAPPING_PTR("chains", CYAML_FLAG_OPTIONAL, struct file_top, chains, NULL),
	CYAML_FIELD_SEQUENCE("hooks", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct file_top, hooks, &hook_schema,
			     0, ENTRIES_MAX),
	CYAML_FIELD_END
};

_Static_assert(sizeof(top_fields) == sizeof(((struct document *)NULL)->top_fields), "room for the top fields");

static const char *noun_of(const cyaml_schema_value_t *schema)
{
	if (schema->mapping.fields == filter_fields)
		return "a filter";
	if (schema->mapping.fields == hook_fields)
		return "a hook";
	return schema->mapping.fields == program_fields ? "a program" : "the file";
}

/* A mapping of libcyaml knows its keys beforehand; those of "chains" are what the file says. */
static int schema_make(struct document *document)
{
	const yaml_node_t *chains = document_value(document, document_root(document), "chains");
	const yaml_node_t *key;
	size_t count = 0;

	while (document_key(document, chains, count))
		count++;
	document->chain_fields = calloc(count + 1, sizeof(*document->chain_fields));
	if (!document->chain_fields)
		return fail_memory();
	for (size_t i = 0; (key = document_key(document, chains, i)); i++) {
		document->chain_fields[i] = chain_field;
		document->chain_fields[i].key = key->type == YAML_SCALAR_NODE ? document_text(key) : "";
		document->chain_fields[i].data_offset += (uint32_t)(i * sizeof(struct file_chain));
		document->chain_fields[i].count_offset += (uint32_t)(i * sizeof(struct file_chain));
	}
	memcpy(document->top_fields, top_fields, sizeof(top_fields));
	document->top_fields[0].value.mapping.fields = document->chain_fields;
	document->top_fields[0].value.data_size = (uint32_t)((count + 1) * sizeof(struct file_chain));
	document->schema = (cyaml_schema_value_t){
		CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct file_top, document->top_fields),
	};
	return 0;
}

/* Nothing at all, or one of YAML's words for it, without quotes. */
static bool is_null(const yaml_node_t *node)
{
	static const char *const words[] = { "", "~", "null", "Null", "NULL" };

	if (node->type != YAML_SCALAR_NODE || node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (text_equal(document_text(node), words[i]))
			return true;
	}
	return false;
}

static int type_check(const struct document *document, const char *what, const yaml_node_t *node,
		      yaml_node_type_t type)
{
	const char *noun = type == YAML_MAPPING_NODE ? "a mapping" : type == YAML_SEQUENCE_NODE ? "a list" : "one value";

	if (is_null(node))
		return document_wrong(document, document_line(node), "%s has no value", what);
	if (node->type != type)
		return document_wrong(document, document_line(node), "%s must be %s", what, noun);
	return 0;
}

int document_scalar(const struct document *document, const char *what, const yaml_node_t *node)
{
	int r;

	r = type_check(document, what, node, YAML_SCALAR_NODE);
	if (r < 0)
		return r;
	/* "\0" in quotes: the rest would be lost without a word. */
	if (strlen(document_text(node)) != node->data.scalar.length)
		return document_wrong(document, document_line(node), "%s has a NUL in it", what);
	return 0;
}

static int text_check(const struct document *document, const char *what, const yaml_node_t *node,
		      const cyaml_schema_value_t *schema)
{
	int r;

	r = document_scalar(document, what, node);
	if (r < 0)
		return r;
	if (node->data.scalar.length < schema->string.min)
		return document_wrong(document, document_line(node), "%s is empty", what);
	if (node->data.scalar.length > schema->string.max)
		return document_wrong(document, document_line(node), "%s is longer than %u bytes", what,
				      schema->string.max);
	return 0;
}

static int value_check(const struct document *document, const char *what, const yaml_node_t *node,
		       const cyaml_schema_value_t *schema);

static int list_check(const struct document *document, const char *what, const yaml_node_t *node,
		      const cyaml_schema_value_t *schema)
{
	const yaml_node_t *entry;
	size_t count;
	int r;

	r = type_check(document, what, node, YAML_SEQUENCE_NODE);
	if (r < 0)
		return r;
	for (count = 0; (entry = document_entry(document, node, count)); count++) {
		if (count >= schema->sequence.max)
			return document_wrong(document, document_line(entry), "%s has more than %u entries", what,
					      schema->sequence.max);
		r = value_check(document, noun_of(schema->sequence.entry), entry, schema->sequence.entry);
		if (r < 0)
			return r;
	}
	if (count < schema->sequence.min)
		return document_wrong(document, document_line(node), "%s is an empty list", what);
	return 0;
}

static int key_check(const struct document *document, const yaml_node_t *mapping, size_t index)
{
	const yaml_node_t *key = document_key(document, mapping, index);
	int r;

	r = document_scalar(document, "a key", key);
	if (r < 0)
		return r;
	for (size_t i = 0; i < index; i++) {
		const yaml_node_t *earlier = document_key(document, mapping, i);

		if (text_equal(document_text(earlier), document_text(key)))
			return document_wrong(document, document_line(key), "'%s' stands twice, first on line %u",
					      document_text(key), document_line(earlier));
	}
	return 0;
}

static const cyaml_schema_field_t *field_find(const cyaml_schema_field_t *fields, const char *key)
{
	while (fields->key && !text_equal(fields->key, key))
		fields++;
	return fields->key ? fields : NULL;
}

static int pair_check(const struct document *document, const yaml_node_t *mapping, size_t index,
		      const cyaml_schema_value_t *schema)
{
	const yaml_node_t *key = document_key(document, mapping, index);
	const char *word = document_text(key);
	const cyaml_schema_field_t *field = field_find(schema->mapping.fields, word);
	auto_(mem) char *what = NULL;

	if (!field)
		return document_wrong(document, document_line(key), "unknown key '%s' in %s", word, noun_of(schema));
	if (field->value.type == CYAML_IGNORE)
		return field->value.flags & FLAG_NOT_YET ? document_not_yet(document, document_line(key), word) : 0;
	if (schema->mapping.fields == document->chain_fields)
		what = text_format("chain '%s'", word);
	else
		what = text_format("%s", word);
	return what ? value_check(document, what, document_value(document, mapping, word), &field->value) :
		      fail_memory();
}

static int mapping_check(const struct document *document, const char *what, const yaml_node_t *node,
			 const cyaml_schema_value_t *schema)
{
	int r;

	r = type_check(document, what, node, YAML_MAPPING_NODE);
	if (r < 0)
		return r;
	for (size_t i = 0; document_key(document, node, i); i++) {
		if (i >= ENTRIES_MAX)
			return document_wrong(document, document_line(document_key(document, node, i)),
					      "%s has more than %u entries", what, ENTRIES_MAX);
		r = key_check(document, node, i);
		if (r < 0)
			return r;
		r = pair_check(document, node, i, schema);
		if (r < 0)
			return r;
	}
	for (const cyaml_schema_field_t *field = schema->mapping.fields; field->key; field++) {
		if (!(field->value.flags & CYAML_FLAG_OPTIONAL) && !document_value(document, node, field->key))
			return document_wrong(document, document_line(node), "%s has no '%s'", what, field->key);
	}
	return 0;
}

static int value_check(const struct document *document, const char *what, const yaml_node_t *node,
		       const cyaml_schema_value_t *schema)
{
	switch (schema->type) {
	case CYAML_SEQUENCE:
		return list_check(document, what, node, schema);
	case CYAML_MAPPING:
		return mapping_check(document, what, node, schema);
	default:
		return text_check(document, what, node, schema);
	}
}

static int top_check(const struct document *document)
{
	const yaml_node_t *root = document_root(document);

	if (is_null(root))
		return document_wrong(document, 1, "the file is empty");
	if (root->type != YAML_MAPPING_NODE || !document_key(document, root, 0))
		return document_wrong(document, document_line(root), "a file is a mapping of 'chains' and 'hooks'");
	return mapping_check(document, "the file", root, &document->schema);
}

static const cyaml_config_t cyaml_quiet = {
	.mem_fn = cyaml_mem,
	.flags = CYAML_CFG_NO_ALIAS,
};

int document_load(struct document *document, const char *text, size_t size)
{
	cyaml_err_t error;
	int r;

	r = schema_make(document);
	if (r < 0)
		return r;
	r = top_check(document);
	if (r < 0)
		return r;
	error = cyaml_load_data((const uint8_t *)text, size, &cyaml_quiet, &document->schema,
				(cyaml_data_t **)&document->top, NULL);
	if (error == CYAML_ERR_OOM)
		return fail_memory();
	/* Only if this schema check and libcyaml's should ever differ. */
	if (error != CYAML_OK)
		return document_wrong(document, 1, "libcyaml refuses the file: %s", cyaml_strerror(error));
	return 0;
}

int document_read(const char *path, const char *text, size_t size, struct document **ret_document)
{
	auto_(document) struct document *document = calloc(1, sizeof(*document));
	int r;

	if (!document)
		return fail_memory();
	document->path = path;
	/* libyaml takes a byte order mark only where it may guess the encoding. */
	if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		size -= 3;
	}
	r = document_tree(document, text, size);
	if (r < 0)
		return r;
	r = document_load(document, text, size);
	if (r < 0)
		return r;
	*ret_document = TAKE_PTR(document);
	return 0;
}

void document_free(struct document *document)
{
	if (!document)
		return;
	if (document->top)
		cyaml_free(&cyaml_quiet, &document->schema, document->top, 0);
	if (document->has_tree)
		yaml_document_delete(&document->tree);
	free(document->chain_fields);
	free(document);
}
