/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* show.h: a view, a plan or a result -> text or JSON on a FILE it is given. */
#ifndef DAISY_SHOW_H
#define DAISY_SHOW_H

#include <stdio.h>

#include "plan.h"
#include "view.h"

struct show_style {
	bool stats;	/* counters too */
	bool colour;	/* a terminal without NO_COLOR */
	bool si;	/* 12.3k instead of 12345: a terminal */
};

/* 0, or -EIO/-errno when @out cannot be written (with words). */
int show_text(const struct view *view, const struct show_style *style, FILE *out);
int show_json(const struct view *view, bool stats, FILE *out);

/* What a change did or, for plan and --dry-run, would do. */
struct outcome {
	char *chain;		/* NULL when several or none were touched: JSON null */
	uint32_t revision;	/* 0: JSON null */
	struct outcome_hook { char *chain; char *dev; uint32_t ifindex; enum daisy_at at; uint32_t revision; } *hooks;
	size_t hook_count;
	struct plan plan;
	char *note;		/* what to know of it though it is no failure, or NULL */
	bool dry_run;
};

void outcome_clear(struct outcome *outcome);
static inline void outcome_cleanup(struct outcome *outcome) { outcome_clear(outcome); }
int outcome_text(const struct outcome *outcome, FILE *out);
int outcome_json(const struct outcome *outcome, FILE *out);
/* { "error": "...", "errno": "EINVAL" } */
int error_json(const char *text, int code, FILE *out);

/* The view's chains as a file that config_read() takes back; nothing is written of one that cannot be (not UTF-8). */
int export_yaml(const struct view *view, FILE *out);

/* Ends what a writer wrote: 0, or the error of @out with words. */
int stream_done(FILE *out);

#endif
