// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* What show, show -j and export are given: the state of hooks as data. query.c fills it, show.c writes it. */
#include "view.h"

static void view_filter_clear(struct view_filter *filter)
{
	filter_free(filter->filter);
	free(filter->map_ids);
}

static void view_foreign_clear(struct view_foreign *foreign)
{
	free(foreign->kind);
	free(foreign->name);
}

static void view_hook_clear(struct view_hook *hook)
{
	for (size_t i = 0; i < hook->filter_count; i++)
		view_filter_clear(&hook->filters[i]);
	for (size_t i = 0; i < hook->foreign_count; i++)
		view_foreign_clear(&hook->foreign[i]);
	free(hook->filters);
	free(hook->foreign);
	free(hook->netns);
	free(hook->dev);
	free(hook->chain);
}

void view_clear(struct view *view)
{
	for (size_t i = 0; i < view->hook_count; i++)
		view_hook_clear(&view->hooks[i]);
	free(view->hooks);
	*view = (struct view){ 0 };
}
