// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* loader/table.c: cells in aligned columns. */
#include "table.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "error.h"

static const struct table_column columns[] = {
	{ "NAME", false },
	{ "COUNT", true },
	{ "NOTE", false },
	{ "LAST", false },
};

static struct table table_new(void)
{
	return (struct table){ .columns = columns, .column_count = ARRAY_SIZE(columns) };
}

static void expect_table(const struct table *table, bool colour, const char *text)
{
	auto_(mem) char *got = NULL;
	size_t size;
	FILE *out = open_memstream(&got, &size);

	cr_assert_eq(table_write(table, colour, out), 0);
	fclose(out);
	cr_expect_str_eq(got, text);
}

Test(table, without_rows_there_are_no_titles)
{
	auto_(table) struct table table = table_new();

	expect_table(&table, false, "");
}

Test(table, columns_without_cells_are_left_out_and_no_line_ends_in_blanks)
{
	auto_(table) struct table table = table_new();

	table_row(&table, false);
	table_set(&table, 0, "longer name");
	table_set(&table, 1, "%d", 5);
	table_row(&table, false);
	table_set(&table, 0, "b");
	table_set(&table, 3, "%s", "");
	expect_table(&table, false,
		     "  NAME         COUNT\n"
		     "  longer name      5\n"
		     "  b                -\n");
}

Test(table, empty_cells_of_a_used_column_are_dashes)
{
	auto_(table) struct table table = table_new();

	table_row(&table, false);
	table_set(&table, 0, "a");
	table_row(&table, false);
	table_set(&table, 0, "b");
	table_set(&table, 3, "end");
	expect_table(&table, false,
		     "  NAME  LAST\n"
		     "  a     -\n"
		     "  b     end\n");
}

Test(table, columns_align_by_width_and_not_by_bytes)
{
	auto_(table) struct table table = table_new();

	table_row(&table, false);
	table_set(&table, 0, "\xe4\xb8\xad\xe6\x96\x87");
	table_set(&table, 1, "1");
	table_row(&table, false);
	table_set(&table, 0, "\xc3\xb6l");
	table_set(&table, 1, "22");
	expect_table(&table, false,
		     "  NAME  COUNT\n"
		     "  \xe4\xb8\xad\xe6\x96\x87      1\n"
		     "  \xc3\xb6l       22\n");
}

Test(table, dim_rows_are_dim_only_in_colour)
{
	auto_(table) struct table table = table_new();

	table_row(&table, true);
	table_set(&table, 0, "a");
	expect_table(&table, false, "  NAME\n  a\n");
	expect_table(&table, true, "  NAME\n\033[2m  a\033[0m\n");
}

Test(table, cells_are_cleaned_unless_they_are_taken_as_they_are)
{
	auto_(table) struct table table = table_new();

	table_row(&table, false);
	table_set(&table, 0, "%s", "\033[2J");
	table_take(&table, 3, strdup("\033[31mred\033[0m"));
	expect_table(&table, false,
		     "  NAME     LAST\n"
		     "  \\x1b[2J  \033[31mred\033[0m\n");
}

Test(table, want_of_memory_is_told_at_the_end)
{
	auto_(table) struct table table = table_new();

	table_row(&table, false);
	table_take(&table, 0, NULL);
	table_set(&table, 1, "kept out");
	cr_expect_eq(table_write(&table, false, stdout), -ENOMEM);
	cr_expect(error_stands());
	error_clear();
}
