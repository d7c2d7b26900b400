/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* views.h: views made up of the chains of chains.h, and what a writer makes of them, as text. */
#ifndef TEST_VIEWS_H
#define TEST_VIEWS_H

#include <errno.h>

#include "chains.h"
#include "show.h"

/* One more hook; without @chain only foreign filters may follow. */
static inline struct view_hook *view_add(struct view *view, const char *dev, enum daisy_at at, const char *chain)
{
	struct view_hook *hook;

	view->hooks = reallocarray(view->hooks, view->hook_count + 1, sizeof(*hook));
	cr_assert_not_null(view->hooks);
	hook = &view->hooks[view->hook_count++];
	*hook = (struct view_hook){ .ifindex = (uint32_t)view->hook_count + 1, .at = at };
	text_set(&hook->netns, "here");
	text_set(&hook->dev, dev);
	text_set(&hook->chain, chain);
	if (chain) {
		hook->revision = 7;
		hook->prio = 49;
		hook->handle = 1;
		hook->prog_id = 312;
		hook->attach = "clsact";
	}
	return hook;
}

/* One more filter, loaded: ids 100, 101, ... */
static inline struct filter *view_add_filter(struct view_hook *hook, const char *word)
{
	struct filter *filter = filter_of(word);

	hook->filters = reallocarray(hook->filters, hook->filter_count + 1, sizeof(*hook->filters));
	cr_assert_not_null(hook->filters);
	filter->prog_id = 100 + (uint32_t)hook->filter_count;
	memset(filter->tag, 0xa0 + (int)hook->filter_count, DAISY_TAG_SIZE);
	hook->filters[hook->filter_count++] = (struct view_filter){ .filter = filter };
	return filter;
}

static inline struct view_foreign *view_add_foreign(struct view_hook *hook, enum view_where where, const char *kind,
						    uint32_t prio, const char *name)
{
	struct view_foreign *foreign;

	hook->foreign = reallocarray(hook->foreign, hook->foreign_count + 1, sizeof(*foreign));
	cr_assert_not_null(hook->foreign);
	foreign = &hook->foreign[hook->foreign_count++];
	*foreign = (struct view_foreign){ .where = where, .prio = prio };
	text_set(&foreign->kind, kind);
	text_set(&foreign->name, name);
	return foreign;
}

static inline char *text_of(const struct view *view, struct show_style style)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	cr_assert_eq(show_text(view, &style, out), 0);
	fclose(out);
	return text;
}

static inline char *json_of(const struct view *view, bool stats)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	cr_assert_eq(show_json(view, stats, out), 0);
	fclose(out);
	return text;
}

static inline char *yaml_of(const struct view *view)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	cr_assert_eq(export_yaml(view, out), 0, "%s", error_text());
	fclose(out);
	return text;
}

static inline void expect_holds(const char *text, const char *part)
{
	cr_expect_not_null(strstr(text, part), "no '%s' in:\n%s", part, text);
}

static inline void expect_lacks(const char *text, const char *part)
{
	cr_expect_null(strstr(text, part), "'%s' in:\n%s", part, text);
}

/* A file that takes nothing; every write to it fails with ENOSPC. */
static inline FILE *full_file(void)
{
	FILE *full = fopen("/dev/full", "w");

	cr_assert_not_null(full);
	return full;
}

#endif
