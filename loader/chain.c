// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * An ordered chain of filters, as data.
 *
 * This room keeps filters, their sources and the hooks of a chain in memory. It
 * says nothing on failure: whoever calls it knows which file, device or command
 * to name. The words and limits of the parts are chain_words.c's, what a change
 * of a chain means is plan.c's, what the kernel makes of it revision.c's.
 */
#include "chain.h"

#include <errno.h>
#include <string.h>

int source_copy(struct source *to, const struct source *from)
{
	struct source copy = *from;

	copy.path = copy.section = copy.symbol = NULL;
	if (text_set(&copy.path, from->path) < 0 ||
	    text_set(&copy.section, from->section) < 0 ||
	    text_set(&copy.symbol, from->symbol) < 0) {
		source_clear(&copy);
		return -ENOMEM;
	}
	source_clear(to);
	*to = copy;
	return 0;
}

void source_clear(struct source *source)
{
	free(source->path);
	free(source->section);
	free(source->symbol);
	*source = (struct source){ 0 };
}

/*
 * A symbol is unique in its object, a section is not: a section's name tells the
 * program only where the loader had to choose by the section too.
 */
static bool object_program_same(const struct source *present, const struct source *wanted)
{
	if (wanted->symbol_named)
		return text_equal(present->symbol, wanted->symbol);
	if (wanted->section_named)
		return !present->symbol_named && text_equal(present->section, wanted->section);
	return !present->symbol_named && !present->section_named;
}

static bool object_same(const struct source *present, const struct source *wanted)
{
	if (!text_equal(present->path, wanted->path))
		return false;
	/* Without a digest the user vouches for the path alone. */
	if (wanted->has_digest &&
	    (!present->has_digest || memcmp(present->digest, wanted->digest, DAISY_DIGEST_SIZE) != 0))
		return false;
	return object_program_same(present, wanted);
}

bool source_same(const struct source *present, const struct source *wanted)
{
	if (present->kind != wanted->kind)
		return false;
	switch (wanted->kind) {
	case DAISY_SOURCE_OBJECT:
		return object_same(present, wanted);
	case DAISY_SOURCE_PINNED:
		return text_equal(present->path, wanted->path);
	case DAISY_SOURCE_ID:
		return present->id == wanted->id;
	case DAISY_SOURCE_NONE:
		break;
	}
	return true;
}

int filter_new(const char *name, const char *owner, struct filter **ret_filter)
{
	auto_(filter) struct filter *filter = calloc(1, sizeof(*filter));

	if (!filter)
		return -ENOMEM;
	if (text_set(&filter->name, name) < 0 || text_set(&filter->owner, owner) < 0)
		return -ENOMEM;
	*ret_filter = TAKE_PTR(filter);
	return 0;
}

int filter_copy(const struct filter *filter, struct filter **ret_filter)
{
	auto_(filter) struct filter *copy = NULL;
	struct filter fields = *filter;
	int r;

	r = filter_new(filter->name, filter->owner, &copy);
	if (r < 0)
		return r;
	r = source_copy(&copy->source, &filter->source);
	if (r < 0)
		return r;
	fields.name = copy->name;
	fields.owner = copy->owner;
	fields.source = copy->source;
	*copy = fields;
	*ret_filter = TAKE_PTR(copy);
	return 0;
}

void filter_free(struct filter *filter)
{
	if (!filter)
		return;
	free(filter->name);
	free(filter->owner);
	source_clear(&filter->source);
	free(filter);
}

bool filter_options_same(const struct filter *a, const struct filter *b)
{
	/* IN_HW is the kernel's report on a filter, nothing that a user asks for. */
	return text_equal(a->name, b->name) &&
	       text_equal(a->owner, b->owner) &&
	       a->classid == b->classid &&
	       a->continue_on == b->continue_on &&
	       ((a->flags ^ b->flags) & ~DAISY_F_IN_HW) == 0;
}

int chain_new(const char *name, struct chain **ret_chain)
{
	auto_(chain) struct chain *chain = calloc(1, sizeof(*chain));

	if (!chain || text_set(&chain->name, name) < 0)
		return -ENOMEM;
	*ret_chain = TAKE_PTR(chain);
	return 0;
}

static int chain_copy_filters(struct chain *to, const struct chain *from)
{
	int r;

	for (size_t i = 0; i < from->filter_count; i++) {
		auto_(filter) struct filter *filter = NULL;

		r = filter_copy(from->filters[i], &filter);
		if (r < 0)
			return r;
		r = chain_insert(to, i, filter);
		if (r < 0)
			return r;
		TAKE_PTR(filter);
	}
	return 0;
}

static int chain_copy_hooks(struct chain *to, const struct chain *from)
{
	int r;

	for (size_t i = 0; i < from->hook_count; i++) {
		const struct hook *hook = &from->hooks[i];
		char *dev;

		r = chain_add_hook(to, hook->dev, hook->ifindex, hook->at);
		if (r < 0)
			return r;
		dev = to->hooks[i].dev;
		to->hooks[i] = *hook;
		to->hooks[i].dev = dev;
	}
	return 0;
}

int chain_copy(const struct chain *chain, struct chain **ret_chain)
{
	auto_(chain) struct chain *copy = NULL;
	int r;

	r = chain_new(chain->name, &copy);
	if (r < 0)
		return r;
	r = chain_copy_filters(copy, chain);
	if (r < 0)
		return r;
	r = chain_copy_hooks(copy, chain);
	if (r < 0)
		return r;
	copy->revision = chain->revision;
	copy->engine = chain->engine;
	copy->line = chain->line;
	*ret_chain = TAKE_PTR(copy);
	return 0;
}

void chain_free(struct chain *chain)
{
	if (!chain)
		return;
	for (size_t i = 0; i < chain->filter_count; i++)
		filter_free(chain->filters[i]);
	for (size_t i = 0; i < chain->hook_count; i++)
		free(chain->hooks[i].dev);
	free(chain->filters);
	free(chain->hooks);
	free(chain->name);
	free(chain);
}

int chain_index(const struct chain *chain, const char *name)
{
	for (size_t i = 0; i < chain->filter_count; i++) {
		if (text_equal(chain->filters[i]->name, name))
			return (int)i;
	}
	return -ENOENT;
}

struct filter *chain_find(const struct chain *chain, const char *name)
{
	int index = chain_index(chain, name);

	return index < 0 ? NULL : chain->filters[index];
}

int chain_insert(struct chain *chain, size_t index, struct filter *filter)
{
	struct filter **grown;

	if (index > chain->filter_count)
		return -EINVAL;
	/* Commands, the manifest and the counters all know a filter by its name. */
	if (chain_find(chain, filter->name))
		return -EEXIST;
	grown = reallocarray(chain->filters, chain->filter_count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	memmove(&grown[index + 1], &grown[index], (chain->filter_count - index) * sizeof(*grown));
	grown[index] = filter;
	chain->filters = grown;
	chain->filter_count++;
	return 0;
}

struct filter *chain_take(struct chain *chain, size_t index)
{
	struct filter *filter;

	if (index >= chain->filter_count)
		return NULL;
	filter = chain->filters[index];
	chain->filter_count--;
	memmove(&chain->filters[index], &chain->filters[index + 1],
		(chain->filter_count - index) * sizeof(*chain->filters));
	return filter;
}

void chain_remove(struct chain *chain, size_t index)
{
	filter_free(chain_take(chain, index));
}

struct hook *chain_find_hook(const struct chain *chain, uint32_t ifindex, enum daisy_at at)
{
	for (size_t i = 0; i < chain->hook_count; i++) {
		if (chain->hooks[i].ifindex == ifindex && chain->hooks[i].at == at)
			return &chain->hooks[i];
	}
	return NULL;
}

int chain_add_hook(struct chain *chain, const char *dev, uint32_t ifindex, enum daisy_at at)
{
	struct hook hook = { .ifindex = ifindex, .at = at };
	struct hook *grown;

	if (chain_find_hook(chain, ifindex, at))
		return -EEXIST;
	grown = reallocarray(chain->hooks, chain->hook_count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	chain->hooks = grown;
	if (text_set(&hook.dev, dev) < 0)
		return -ENOMEM;
	grown[chain->hook_count++] = hook;
	return 0;
}

void chain_remove_hook(struct chain *chain, struct hook *hook)
{
	size_t index = (size_t)(hook - chain->hooks);

	free(hook->dev);
	chain->hook_count--;
	memmove(hook, hook + 1, (chain->hook_count - index) * sizeof(*hook));
}

size_t chain_place(const struct chain *chain, uint32_t prio)
{
	size_t index = 0;

	while (index < chain->filter_count && chain->filters[index]->prio < prio)
		index++;
	return index;
}

static bool handle_taken(const struct chain *chain, uint32_t prio, uint32_t handle, const struct filter *except)
{
	for (size_t i = 0; i < chain->filter_count; i++) {
		const struct filter *filter = chain->filters[i];

		if (filter != except && filter->prio == prio && filter->handle == handle)
			return true;
	}
	return false;
}

uint32_t chain_free_handle(const struct chain *chain, uint32_t prio, const struct filter *except)
{
	for (uint32_t handle = 1; handle <= CHAIN_HANDLE_MAX; handle++) {
		if (!handle_taken(chain, prio, handle, except))
			return handle;
	}
	return 0;
}
