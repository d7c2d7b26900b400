// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * A view -> a table for people.
 *
 * One block for each hook: a headline, and the filters of the hook in the order
 * in which packets meet them, foreign ones in their place. The same for programs
 * is show_json.c's; columns are table.c's; what runs is read by query.c.
 */
#include "show.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "error.h"
#include "table.h"
#include "utf8.h"

enum column {
	COLUMN_PLACE,
	COLUMN_FILTER,
	COLUMN_OWNER,
	COLUMN_PRIO,
	COLUMN_HANDLE,
	COLUMN_CLASSID,
	COLUMN_MODE,
	COLUMN_PROGRAM,
	COLUMN_PROG_ID,
	COLUMN_CONTINUE_ON,
	COLUMN_PACKETS,
	COLUMN_BYTES,
	COLUMN_VERDICTS,
	COLUMN_COUNT,
};

static const struct table_column columns[] = {
	[COLUMN_PLACE] = { "#", false },
	[COLUMN_FILTER] = { "FILTER", false },
	[COLUMN_OWNER] = { "OWNER", false },
	[COLUMN_PRIO] = { "PRIO", true },
	[COLUMN_HANDLE] = { "HANDLE", true },
	[COLUMN_CLASSID] = { "CLASSID", false },
	[COLUMN_MODE] = { "MODE", false },
	[COLUMN_PROGRAM] = { "PROGRAM", false },
	[COLUMN_PROG_ID] = { "PROG-ID", true },
	[COLUMN_CONTINUE_ON] = { "CONTINUE-ON", false },
	[COLUMN_PACKETS] = { "PACKETS", true },
	[COLUMN_BYTES] = { "BYTES", true },
	[COLUMN_VERDICTS] = { "VERDICTS", false },
};

_Static_assert(ARRAY_SIZE(columns) == COLUMN_COUNT && COLUMN_COUNT <= TABLE_COLUMNS, "a title for each column");

#define COUNT_SIZE 24

int stream_done(FILE *out)
{
	bool failed = ferror(out);
	int r = -EIO;

	errno = 0;
	if (fflush(out) != 0)
		failed = true;
	/* What an earlier write met is known only as long as the stream tries it again. */
	if (errno)
		r = -errno;
	return failed ? fail_errno(r, "cannot write the answer") : 0;
}

/* Three digits, cut and not rounded: 999999 is not a million yet. */
static void si_format(char *to, uint64_t value)
{
	const char *unit = "kMGTPE";
	unsigned int whole, rest;

	for (; value >= 1000000; value /= 1000)
		unit++;
	whole = (unsigned int)(value / 1000);
	rest = (unsigned int)(value % 1000);
	if (whole >= 100)
		snprintf(to, COUNT_SIZE, "%u%c", whole, *unit);
	else if (whole >= 10)
		snprintf(to, COUNT_SIZE, "%u.%u%c", whole, rest / 100, *unit);
	else
		snprintf(to, COUNT_SIZE, "%u.%02u%c", whole, rest / 10, *unit);
}

static const char *count_format(char *to, const struct show_style *style, uint64_t value)
{
	if (style->si && value >= 1000)
		si_format(to, value);
	else
		snprintf(to, COUNT_SIZE, "%" PRIu64, value);
	return to;
}

/* The whole path is told by JSON and by export. */
static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void object_set(struct table *table, const struct source *source)
{
	const char *part = source->section;

	if (!part || source->symbol_named)
		part = source->symbol;
	table_set(table, COLUMN_PROGRAM, "%s%s%s", base_of(source->path ? source->path : ""),
		  part ? " " : "", part ? part : "");
}

static void program_set(struct table *table, const struct filter *filter)
{
	const struct source *source = &filter->source;

	switch (source->kind) {
	case DAISY_SOURCE_OBJECT:
		object_set(table, source);
		break;
	case DAISY_SOURCE_PINNED:
		table_set(table, COLUMN_PROGRAM, "%s", source->path ? source->path : "");
		break;
	case DAISY_SOURCE_ID:
		table_set(table, COLUMN_PROGRAM, "id %u", source->id);
		break;
	case DAISY_SOURCE_NONE:
		break;
	}
	if (filter->prog_id)
		table_set(table, COLUMN_PROG_ID, "%u", filter->prog_id);
}

static void mode_set(struct table *table, uint32_t flags)
{
	table_set(table, COLUMN_MODE, "%s%s%s%s", flags & DAISY_F_CLASSIFY ? "classify" : "da",
		  flags & DAISY_F_SKIP_SW ? ",skip_sw" : "", flags & DAISY_F_SKIP_HW ? ",skip_hw" : "",
		  flags & DAISY_F_IN_HW ? ",in_hw" : "");
}

static void continue_on_set(struct table *table, uint32_t verdicts)
{
	char text[64] = "";
	size_t used = 0;

	for (enum daisy_verdict v = 0; v < DAISY_VERDICTS; v++) {
		if (verdicts & 1U << v)
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", used ? "," : "",
						 verdict_word(v));
	}
	if (used)
		table_set(table, COLUMN_CONTINUE_ON, "%s", text);
}

static void verdict_say(FILE *out, const struct show_style *style, const char *word, uint64_t packets, bool bad)
{
	char count[COUNT_SIZE];

	if (packets == 0)
		return;
	fprintf(out, "%s%s%s %s%s", ftell(out) > 0 ? ", " : "", bad && style->colour ? COLOUR_RED : "", word,
		count_format(count, style, packets), bad && style->colour ? COLOUR_NONE : "");
}

/* NULL without memory. */
static char *verdicts_text(const struct view_filter *filter, const struct show_style *style)
{
	auto_(mem) char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	/* An empty slot is a program that did not run: nothing that a filter does matters more. */
	verdict_say(out, style, "MISSING", filter->missing, true);
	for (enum daisy_verdict v = 0; v < DAISY_VERDICTS; v++)
		verdict_say(out, style, verdict_word(v), filter->by[v].packets, v == DAISY_SHOT);
	if (fclose(out) != 0)
		return NULL;
	return TAKE_PTR(text);
}

static void stats_set(struct table *table, const struct view_filter *filter, const struct show_style *style)
{
	char count[COUNT_SIZE];

	table_set(table, COLUMN_PACKETS, "%s", count_format(count, style, filter->reached.packets));
	table_set(table, COLUMN_BYTES, "%s", count_format(count, style, filter->reached.bytes));
	table_take(table, COLUMN_VERDICTS, verdicts_text(filter, style));
}

static void filter_row(struct table *table, size_t place, const struct view_filter *view,
		       const struct show_style *style)
{
	const struct filter *filter = view->filter;
	char classid[32];

	table_row(table, false);
	table_set(table, COLUMN_PLACE, "%zu", place);
	table_set(table, COLUMN_FILTER, "%s", filter->name);
	table_set(table, COLUMN_OWNER, "%s", filter->owner ? filter->owner : "");
	table_set(table, COLUMN_PRIO, "%u", filter->prio);
	table_set(table, COLUMN_HANDLE, "%u", filter->handle);
	if (filter->classid)
		table_set(table, COLUMN_CLASSID, "%s", classid_format(classid, sizeof(classid), filter->classid));
	mode_set(table, filter->flags);
	program_set(table, filter);
	continue_on_set(table, filter->continue_on);
	if (style->stats)
		stats_set(table, view, style);
}

static void foreign_row(struct table *table, const char *place, const struct view_foreign *foreign)
{
	table_row(table, true);
	table_set(table, COLUMN_PLACE, "%s", place);
	table_set(table, COLUMN_FILTER, "%s", foreign->name ? foreign->name : "");
	table_set(table, COLUMN_OWNER, "(foreign)");
	if (foreign->prio)
		table_set(table, COLUMN_PRIO, "%u", foreign->prio);
	/* Beyond cls_bpf's numbers lie the handles of u32, which are read in hexadecimal. */
	if (foreign->handle > CHAIN_HANDLE_MAX)
		table_set(table, COLUMN_HANDLE, "%#x", foreign->handle);
	else if (foreign->handle)
		table_set(table, COLUMN_HANDLE, "%u", foreign->handle);
	table_set(table, COLUMN_PROGRAM, "%s", foreign->kind ? foreign->kind : "");
	if (foreign->prog_id)
		table_set(table, COLUMN_PROG_ID, "%u", foreign->prog_id);
}

static void foreign_rows(struct table *table, const struct view_hook *hook, enum view_where where)
{
	static const char *const places[] = { [VIEW_BEFORE] = "before", [VIEW_AFTER] = "after" };

	for (size_t i = 0; i < hook->foreign_count; i++) {
		if (hook->foreign[i].where == where)
			foreign_row(table, hook->chain ? places[where] : "", &hook->foreign[i]);
	}
}

static int rows_show(const struct view_hook *hook, const struct show_style *style, FILE *out)
{
	auto_(table) struct table table = { .columns = columns, .column_count = ARRAY_SIZE(columns) };

	foreign_rows(&table, hook, VIEW_BEFORE);
	for (size_t i = 0; i < hook->filter_count; i++)
		filter_row(&table, i + 1, &hook->filters[i], style);
	foreign_rows(&table, hook, VIEW_AFTER);
	return table_write(&table, style->colour, out);
}

/* "eth0 ingress", or of a device without a name "#9 ingress". */
static char *place_text(const struct view_hook *hook)
{
	if (hook->dev)
		return text_format("%s %s", hook->dev, at_word(hook->at));
	return text_format("#%u %s", hook->ifindex, at_word(hook->at));
}

static char *chain_text(const struct view_hook *hook)
{
	if (!hook->chain)
		return text_format("no chain of daisy");
	return text_format("chain '%s' revision %u, engine %s, %s prio %u handle %u prog-id %u", hook->chain,
			   hook->revision, engine_word(hook->engine), hook->attach ? hook->attach : "tc",
			   hook->prio, hook->handle, hook->prog_id);
}

static int headline_show(const struct view_hook *hook, const struct show_style *style, FILE *out)
{
	auto_(mem) char *place = place_text(hook), *chain = chain_text(hook);
	auto_(mem) char *clean_place = place ? utf8_cleaned(place) : NULL;
	auto_(mem) char *clean_chain = chain ? utf8_cleaned(chain) : NULL;
	char packets[COUNT_SIZE], bytes[COUNT_SIZE];

	if (!clean_place || !clean_chain)
		return fail_memory();
	fprintf(out, "%s%s:%s %s", style->colour ? COLOUR_BOLD : "", clean_place,
		style->colour ? COLOUR_NONE : "", clean_chain);
	if (hook->chain && style->stats)
		fprintf(out, ", %s packets, %s bytes", count_format(packets, style, hook->total.packets),
			count_format(bytes, style, hook->total.bytes));
	fputc('\n', out);
	if (hook->damaged)
		fprintf(out, "  %sdamaged: the array of programs was emptied and no filter runs; "
			"any change of the chain rebuilds it%s\n",
			style->colour ? COLOUR_RED : "", style->colour ? COLOUR_NONE : "");
	return 0;
}

int show_text(const struct view *view, const struct show_style *style, FILE *out)
{
	int r;

	if (view->hook_count == 0)
		fputs("no chains\n", out);
	for (size_t i = 0; i < view->hook_count; i++) {
		if (i > 0)
			fputc('\n', out);
		r = headline_show(&view->hooks[i], style, out);
		if (r < 0)
			return r;
		r = rows_show(&view->hooks[i], style, out);
		if (r < 0)
			return r;
	}
	return stream_done(out);
}
