// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Rows of cells, written in aligned columns.
 *
 * This room knows widths and nothing of chains. A line is never cut or broken
 * and never ends in blanks, so that it can be searched and copied; a terminal
 * that is too narrow wraps it.
 */
#include "table.h"

#include <stdarg.h>
#include <string.h>

#include "error.h"
#include "utf8.h"

void table_clear(struct table *table)
{
	for (size_t i = 0; i < table->row_count; i++) {
		for (size_t j = 0; j < table->column_count; j++)
			free(table->rows[i].cells[j]);
	}
	free(table->rows);
	table->rows = NULL;
	table->row_count = 0;
}

void table_row(struct table *table, bool dim)
{
	struct table_row *grown = reallocarray(table->rows, table->row_count + 1, sizeof(*grown));

	if (!grown) {
		table->failed = true;
		return;
	}
	grown[table->row_count++] = (struct table_row){ .dim = dim };
	table->rows = grown;
}

void table_take(struct table *table, size_t column, char *text)
{
	if (!text)
		table->failed = true;
	/* Without its row the cell would land in the row before. */
	if (table->failed) {
		free(text);
		return;
	}
	free(table->rows[table->row_count - 1].cells[column]);
	table->rows[table->row_count - 1].cells[column] = text;
}

void table_set(struct table *table, size_t column, const char *format, ...)
{
	auto_(mem) char *text = NULL;
	va_list arguments;
	int r;

	va_start(arguments, format);
	r = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (r < 0)
		text = NULL;
	table_take(table, column, text ? utf8_cleaned(text) : NULL);
}

static const char *cell_of(const struct table_row *row, size_t column)
{
	const char *cell = row->cells[column];

	return cell && *cell ? cell : "-";
}

/* 0: no row has a cell there. */
static size_t column_width(const struct table *table, size_t column)
{
	size_t widest = utf8_width(table->columns[column].title);
	bool used = false;

	for (size_t i = 0; i < table->row_count; i++) {
		const char *cell = table->rows[i].cells[column];
		size_t width;

		if (!cell || !*cell)
			continue;
		used = true;
		width = utf8_width(cell);
		if (width > widest)
			widest = width;
	}
	return used ? widest : 0;
}

static size_t last_used(const size_t *widths, size_t count)
{
	while (count > 1 && widths[count - 1] == 0)
		count--;
	return count - 1;
}

/* The title's row when @row is NULL. */
static void row_write(const struct table *table, const size_t *widths, const struct table_row *row, FILE *out)
{
	size_t last = last_used(widths, table->column_count);

	for (size_t i = 0; i <= last; i++) {
		const char *text = row ? cell_of(row, i) : table->columns[i].title;
		size_t width = utf8_width(text);
		int blanks = widths[i] > width ? (int)(widths[i] - width) : 0;

		if (widths[i] == 0)
			continue;
		if (table->columns[i].right)
			fprintf(out, "  %*s%s", blanks, "", text);
		else
			fprintf(out, "  %s%*s", text, i == last ? 0 : blanks, "");
	}
}

int table_write(const struct table *table, bool colour, FILE *out)
{
	size_t widths[TABLE_COLUMNS];

	if (table->failed)
		return fail_memory();
	if (table->row_count == 0)
		return 0;
	for (size_t i = 0; i < table->column_count; i++)
		widths[i] = column_width(table, i);
	row_write(table, widths, NULL, out);
	fputc('\n', out);
	for (size_t i = 0; i < table->row_count; i++) {
		bool dim = colour && table->rows[i].dim;

		fputs(dim ? COLOUR_DIM : "", out);
		row_write(table, widths, &table->rows[i], out);
		fputs(dim ? COLOUR_NONE "\n" : "\n", out);
	}
	return 0;
}
