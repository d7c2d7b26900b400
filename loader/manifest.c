// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * A chain <-> the manifest of its dispatcher.
 *
 * The manifest is all that is known of a running chain's filters, so what does
 * not fit into it is refused, never cut. Reading takes nothing for granted: the
 * bytes are those of whatever program was found.
 */
#include "manifest.h"

#include <errno.h>
#include <linux/pkt_cls.h>
#include <string.h>

#include "error.h"

static const uint8_t act_of_verdict[DAISY_VERDICTS] = {
	[DAISY_OK] = TC_ACT_OK,
	[DAISY_SHOT] = TC_ACT_SHOT,
	[DAISY_STOLEN] = TC_ACT_STOLEN,
	[DAISY_TRAP] = TC_ACT_TRAP,
	[DAISY_REDIRECT] = TC_ACT_REDIRECT,
};

uint32_t manifest_ends(const struct filter *filter)
{
	uint32_t ends = 0;

	for (enum daisy_verdict verdict = DAISY_UNSPEC + 1; verdict < DAISY_VERDICTS; verdict++) {
		if (!(filter->continue_on & 1U << verdict))
			ends |= 1U << act_of_verdict[verdict];
	}
	return ends;
}

static int put_text(char *to, size_t size, const char *text, const char *filter, const char *what)
{
	size_t length = text ? strlen(text) : 0;

	if (length >= size)
		return fail(-ENAMETOOLONG, "filter '%s': its %s has more than %zu bytes", filter, what, size - 1);
	memcpy(to, text ? text : "", length);
	return 0;
}

static int put_source(const struct filter *filter, struct daisy_filter_info *info)
{
	const struct source *source = &filter->source;
	int r;

	info->source_kind = source->kind;
	info->source_id = source->id;
	info->source_named = (source->section_named ? 1 : 0) | (source->symbol_named ? 2 : 0);
	if (source->has_digest)
		memcpy(info->digest, source->digest, sizeof(info->digest));
	r = put_text(info->path, sizeof(info->path), source->path, filter->name, "path");
	if (r == 0)
		r = put_text(info->section, sizeof(info->section), source->section, filter->name, "section");
	if (r == 0)
		r = put_text(info->symbol, sizeof(info->symbol), source->symbol, filter->name, "program's name");
	return r;
}

static int put_filter(const struct filter *filter, struct daisy_filter_info *info)
{
	int r;

	info->prio = filter->prio;
	info->handle = filter->handle;
	info->classid = filter->classid;
	info->flags = filter->flags;
	info->continue_on = filter->continue_on;
	info->ends = manifest_ends(filter);
	info->prog_id = filter->prog_id;
	memcpy(info->tag, filter->tag, sizeof(info->tag));
	r = put_text(info->name, sizeof(info->name), filter->name, filter->name, "name");
	if (r == 0)
		r = put_text(info->owner, sizeof(info->owner), filter->owner, filter->name, "owner");
	if (r == 0)
		r = put_source(filter, info);
	return r;
}

int manifest_write(const struct chain *chain, struct daisy_manifest *manifest)
{
	int r;

	memset(manifest, 0, sizeof(*manifest));
	manifest->magic = DAISY_ABI_MAGIC;
	manifest->version = DAISY_ABI_VERSION;
	manifest->size = sizeof(*manifest);
	manifest->engine = chain->engine;
	manifest->count = (uint32_t)chain->filter_count;
	snprintf(manifest->chain, sizeof(manifest->chain), "%s", chain->name);
	for (size_t i = 0; i < chain->filter_count; i++) {
		r = put_filter(chain->filters[i], &manifest->filters[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

/* NULL for no text; -ENOMEM. */
static int get_text(char **to, const char *from, size_t size)
{
	if (!from[0])
		return 0;
	*to = strndup(from, size - 1);
	return *to ? 0 : -ENOMEM;
}

static int get_source(const struct daisy_filter_info *info, struct source *source)
{
	static const uint8_t none[DAISY_DIGEST_SIZE];

	source->kind = info->source_kind;
	source->id = info->source_id;
	source->section_named = info->source_named & 1;
	source->symbol_named = info->source_named & 2;
	source->has_digest = memcmp(info->digest, none, sizeof(none)) != 0;
	memcpy(source->digest, info->digest, sizeof(source->digest));
	if (get_text(&source->path, info->path, sizeof(info->path)) < 0 ||
	    get_text(&source->section, info->section, sizeof(info->section)) < 0 ||
	    get_text(&source->symbol, info->symbol, sizeof(info->symbol)) < 0)
		return -ENOMEM;
	return 0;
}

static int get_filter(const struct daisy_filter_info *info, struct chain *chain)
{
	auto_(filter) struct filter *filter = NULL;
	auto_(mem) char *name = strndup(info->name, sizeof(info->name) - 1);
	auto_(mem) char *owner = strndup(info->owner, sizeof(info->owner) - 1);
	int r;

	if (!name || !owner || filter_new(name, owner, &filter) < 0 || get_source(info, &filter->source) < 0)
		return fail_memory();
	filter->prio = info->prio;
	filter->handle = info->handle;
	filter->classid = info->classid;
	filter->flags = info->flags;
	filter->continue_on = info->continue_on;
	filter->prog_id = info->prog_id;
	memcpy(filter->tag, info->tag, sizeof(filter->tag));
	r = chain_insert(chain, chain->filter_count, filter);
	if (r < 0)
		return fail_errno(r, "chain '%s': filter '%s' of its manifest", chain->name, filter->name);
	TAKE_PTR(filter);
	return 0;
}

int manifest_read(const struct daisy_manifest *manifest, struct chain **ret_chain)
{
	auto_(mem) char *name = strndup(manifest->chain, sizeof(manifest->chain) - 1);
	auto_(chain) struct chain *chain = NULL;
	int r = 0;

	if (!name || chain_new(name, &chain) < 0)
		return fail_memory();
	chain->revision = manifest->revision;
	chain->engine = manifest->engine;
	for (uint32_t i = 0; i < manifest->count && r == 0; i++)
		r = get_filter(&manifest->filters[i], chain);
	if (r < 0)
		return r;
	*ret_chain = TAKE_PTR(chain);
	return 0;
}
