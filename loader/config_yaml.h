/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * config_yaml.h: a daisy.yaml as libcyaml loads it, beside the tree of the same
 * text that knows on which line everything stands. For config*.c alone.
 */
#ifndef DAISY_CONFIG_YAML_H
#define DAISY_CONFIG_YAML_H

#include <cyaml/cyaml.h>
#include <yaml.h>

#include "util.h"

#define CONFIG_SIZE_MAX (1024U * 1024U)

/* Numbers are text here: one reader, text_number(), for the file and the command line. NULL: not given. */
struct file_program {
	char *object, *section, *symbol, *sha256;
	char *pinned;
	char *id;
};

struct file_filter {
	char *name, *owner;
	struct file_program program;
	char *mode, *prio, *handle;
};

struct file_chain {
	struct file_filter *filters;
	unsigned int filters_count;
};

struct file_hook {
	char *chain, *dev, *at, *engine;
};

/* One file_chain for each pair of the mapping "chains", in its order. */
struct file_top {
	struct file_chain *chains;
	struct file_hook *hooks;
	unsigned int hooks_count;
};

struct document {
	const char *path;	/* what messages call it; the caller's */
	yaml_document_t tree;
	bool has_tree;
	cyaml_schema_value_t schema;
	cyaml_schema_field_t top_fields[3];
	cyaml_schema_field_t *chain_fields;
	struct file_top *top;
};

/* Wrong input is said; @path must live as long as the document. */
int document_read(const char *path, const char *text, size_t size, struct document **ret_document);
void document_free(struct document *document);
DEFINE_CLEANUP(document, struct document *, document_free)

/* Reads @text into @document->tree, when it is one YAML document without aliases. */
int document_tree(struct document *document, const char *text, size_t size);
/* Loads @text into @document->top, when its tree is what the schema says. */
int document_load(struct document *document, const char *text, size_t size);

yaml_node_t *document_root(const struct document *document);
/* NULL for what is not there, or @list or @mapping no list and no mapping. */
yaml_node_t *document_entry(const struct document *document, const yaml_node_t *list, size_t index);
yaml_node_t *document_key(const struct document *document, const yaml_node_t *mapping, size_t index);
yaml_node_t *document_value(const struct document *document, const yaml_node_t *mapping, const char *key);
unsigned int document_line(const yaml_node_t *node);
const char *document_text(const yaml_node_t *scalar);
/* Says so when @node, called @what, is not one value. */
int document_scalar(const struct document *document, const char *what, const yaml_node_t *node);

/* "FILE:LINE: " and the sentence: -EINVAL for what is wrong, -EOPNOTSUPP for what daisy cannot do yet. */
int document_wrong(const struct document *document, unsigned int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int document_not_yet(const struct document *document, unsigned int line, const char *what);

#endif
