// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Files of chains -> chains and hooks as data.
 *
 * This room holds what was read and knows what must be true of all files
 * together: no chain and no place twice, no hook without its chain. The text is
 * config_yaml.c's, its keys and types config_schema.c's, a filter config_filter.c's.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "config_parts.h"
#include "error.h"

int config_new(struct config **ret_config)
{
	struct config *config = calloc(1, sizeof(*config));

	if (!config)
		return fail_memory();
	*ret_config = config;
	return 0;
}

static void hook_clear(struct config_hook *hook)
{
	free(hook->chain);
	free(hook->dev);
	free(hook->file);
}

void config_free(struct config *config)
{
	if (!config)
		return;
	for (size_t i = 0; i < config->chain_count; i++)
		chain_free(config->chains[i]);
	for (size_t i = 0; i < config->hook_count; i++)
		hook_clear(&config->hooks[i]);
	free(config->chains);
	free(config->hooks);
	free(config);
}

struct chain *config_find(const struct config *config, const char *chain)
{
	for (size_t i = 0; i < config->chain_count; i++) {
		if (text_equal(config->chains[i]->name, chain))
			return config->chains[i];
	}
	return NULL;
}

/* Takes @chain when 0 is returned. */
static int config_add(struct config *config, struct chain *chain)
{
	struct chain **grown;

	grown = reallocarray(config->chains, config->chain_count + 1, sizeof(*grown));
	if (!grown)
		return fail_memory();
	grown[config->chain_count++] = chain;
	config->chains = grown;
	return 0;
}

/* @key is the chain's name in the file, @list its filters there. */
static int chain_read(const struct reading *reading, const yaml_node_t *key, const yaml_node_t *list,
		      const struct file_chain *from)
{
	auto_(chain) struct chain *chain = NULL;
	const char *name = document_text(key);
	int r;

	if (!name_valid_short(name))
		return document_wrong(reading->document, document_line(key),
				      "'%s' cannot name a chain: 1 to %u bytes, no '/', no control characters", name,
				      DAISY_CHAIN_SIZE - 1);
	if (config_find(reading->config, name))
		return document_wrong(reading->document, document_line(key), "chain '%s' is in another file too", name);
	if (chain_new(name, &chain) < 0)
		return fail_memory();
	chain->line = document_line(key);
	for (size_t i = 0; i < from->filters_count; i++) {
		r = filter_read(reading, document_entry(reading->document, list, i), &from->filters[i], chain);
		if (r < 0)
			return r;
	}
	r = config_add(reading->config, chain);
	if (r < 0)
		return r;
	TAKE_PTR(chain);
	return 0;
}

static int chains_read(const struct reading *reading)
{
	const struct document *document = reading->document;
	const yaml_node_t *chains = document_value(document, document_root(document), "chains");
	const yaml_node_t *key;
	int r;

	for (size_t i = 0; (key = document_key(document, chains, i)); i++) {
		const yaml_node_t *list = document_value(document, chains, document_text(key));

		r = chain_read(reading, key, list, &document->top->chains[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

static int at_read(const struct reading *reading, const yaml_node_t *node, const char *word, enum daisy_at *ret_at)
{
	const char *classid = strncmp(word, "parent ", 7) == 0 ? word + 7 : NULL;
	uint32_t value;

	for (enum daisy_at at = 0; at < DAISY_AT_COUNT; at++) {
		if (text_equal(at_word(at), word)) {
			*ret_at = at;
			return 0;
		}
	}
	if (text_equal(word, "xdp"))
		return document_not_yet(reading->document, document_line(node), "at xdp");
	if (classid && classid_parse(classid, &value) == 0)
		return document_not_yet(reading->document, document_line(node), "at parent");
	return document_wrong(reading->document, document_line(node),
			      "at must be ingress, egress, xdp or parent MAJ:MIN, not '%s'", word);
}

static int engine_read(const struct reading *reading, const yaml_node_t *node, const char *word,
		       struct config_hook *hook)
{
	if (!word)
		return 0;
	if (engine_parse(word, &hook->engine) < 0)
		return document_wrong(reading->document, document_line(node),
				      "engine must be tailcall, fused or kernel, not '%s'", word);
	if (hook->engine != DAISY_ENGINE_TAILCALL)
		return document_not_yet(reading->document, document_line(node),
					hook->engine == DAISY_ENGINE_FUSED ? "engine fused" : "engine kernel");
	hook->has_engine = true;
	return 0;
}

static int place_check(const struct reading *reading, const struct config_hook *hook)
{
	for (size_t i = 0; i < reading->config->hook_count; i++) {
		const struct config_hook *other = &reading->config->hooks[i];

		if (other->at == hook->at && text_equal(other->dev, hook->dev))
			return document_wrong(reading->document, hook->line, "dev %s %s has a hook already, at %s:%u",
					      hook->dev, at_word(hook->at), other->file, other->line);
	}
	return 0;
}

/* Fills @hook, which the caller clears on failure too. */
static int hook_fill(const struct reading *reading, const yaml_node_t *node, const struct file_hook *from,
		     struct config_hook *hook)
{
	const struct document *document = reading->document;
	int r;

	hook->line = document_line(node);
	r = at_read(reading, document_value(document, node, "at"), from->at, &hook->at);
	if (r < 0)
		return r;
	r = engine_read(reading, document_value(document, node, "engine"), from->engine, hook);
	if (r < 0)
		return r;
	if (text_set(&hook->chain, from->chain) < 0 || text_set(&hook->dev, from->dev) < 0 ||
	    text_set(&hook->file, document->path) < 0)
		return fail_memory();
	return place_check(reading, hook);
}

static int hook_read(const struct reading *reading, const yaml_node_t *node, const struct file_hook *from)
{
	struct config *config = reading->config;
	struct config_hook hook = { 0 };
	struct config_hook *grown;
	int r;

	grown = reallocarray(config->hooks, config->hook_count + 1, sizeof(*grown));
	if (!grown)
		return fail_memory();
	config->hooks = grown;
	r = hook_fill(reading, node, from, &hook);
	if (r < 0) {
		hook_clear(&hook);
		return r;
	}
	grown[config->hook_count++] = hook;
	return 0;
}

static int hooks_read(const struct reading *reading)
{
	const struct document *document = reading->document;
	const yaml_node_t *hooks = document_value(document, document_root(document), "hooks");
	int r;

	for (size_t i = 0; i < document->top->hooks_count; i++) {
		r = hook_read(reading, document_entry(document, hooks, i), &document->top->hooks[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

/* The directory that relative paths in the file at @path count from, absolute. */
static int directory_of(const char *path, char **ret_directory)
{
	const char *slash = strrchr(path, '/');
	int size = slash ? (int)(slash - path) : 0;
	auto_(mem) char *here = NULL;

	if (path[0] != '/') {
		here = getcwd(NULL, 0);
		if (!here)
			return fail_errno(-errno, "the working directory");
	}
	*ret_directory = text_format("%s%s%.*s", here ? here : "", here && size ? "/" : "", size, path);
	return *ret_directory ? 0 : fail_memory();
}

int config_parse(struct config *config, const char *path, const char *text, size_t size, const char *owner)
{
	auto_(document) struct document *document = NULL;
	auto_(mem) char *directory = NULL;
	struct reading reading = { .config = config, .owner = owner };
	int r;

	r = document_read(path, text, size, &document);
	if (r < 0)
		return r;
	r = directory_of(path, &directory);
	if (r < 0)
		return r;
	reading.document = document;
	reading.directory = directory;
	r = chains_read(&reading);
	if (r < 0)
		return r;
	return hooks_read(&reading);
}

/* One byte more than a file may have is enough to refuse it. */
static int file_read(const char *path, char **ret_text, size_t *ret_size)
{
	auto_(mem) char *text = malloc(CONFIG_SIZE_MAX + 1);
	auto_(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t size = 0;
	ssize_t got;

	if (fd < 0)
		return -errno;
	if (!text)
		return -ENOMEM;
	do {
		got = read(fd, text + size, CONFIG_SIZE_MAX + 1 - size);
		if (got < 0 && errno != EINTR)
			return -errno;
		size += got > 0 ? (size_t)got : 0;
	} while (got != 0 && size <= CONFIG_SIZE_MAX);
	*ret_text = TAKE_PTR(text);
	*ret_size = size;
	return 0;
}

/* Whether the name that was given is wrong, or the machine could not read what it names. */
static bool is_wrong_name(int code)
{
	return code == -ENOENT || code == -ENOTDIR || code == -EISDIR || code == -EACCES || code == -ELOOP ||
	       code == -ENAMETOOLONG;
}

int config_read(struct config *config, const char *path, const char *owner)
{
	auto_(mem) char *text = NULL;
	size_t size = 0;
	int r;

	r = file_read(path, &text, &size);
	if (r < 0)
		return (is_wrong_name(r) ? fail_input : fail)(r, "%s: %s", path, strerror(-r));
	return config_parse(config, path, text, size, owner);
}

int config_check(const struct config *config)
{
	for (size_t i = 0; i < config->hook_count; i++) {
		const struct config_hook *hook = &config->hooks[i];

		if (!config_find(config, hook->chain))
			return fail_input(-EINVAL, "%s:%u: there is no chain '%s'", hook->file, hook->line, hook->chain);
	}
	return 0;
}
