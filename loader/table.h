/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* table.h: rows of cells, written in aligned columns. */
#ifndef DAISY_TABLE_H
#define DAISY_TABLE_H

#include "util.h"

#define TABLE_COLUMNS 16

#define COLOUR_BOLD "\033[1m"
#define COLOUR_DIM "\033[2m"
#define COLOUR_RED "\033[31m"
#define COLOUR_NONE "\033[0m"

struct table_column {
	const char *title;
	bool right;		/* numbers */
};

struct table_row {
	char *cells[TABLE_COLUMNS];	/* NULL: empty */
	bool dim;
};

/* Rows and cells are kept as far as memory goes; want of it is told once, by table_write(). */
struct table {
	const struct table_column *columns;
	size_t column_count;
	struct table_row *rows;
	size_t row_count;
	bool failed;
};

void table_clear(struct table *table);
static inline void table_cleanup(struct table *table) { table_clear(table); }

/* A new row; what is set from now on goes into it. */
void table_row(struct table *table, bool dim);
/* One cell of the last row, cleaned of what a terminal would obey. */
void table_set(struct table *table, size_t column, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The same as it is: takes @text, NULL meaning that there was no memory for it. */
void table_take(struct table *table, size_t column, char *text);
/*
 * Columns without any cell are left out, empty cells of others are "-". Only
 * the last column may hold escapes. 0, or -ENOMEM with words.
 */
int table_write(const struct table *table, bool colour, FILE *out);

#endif
