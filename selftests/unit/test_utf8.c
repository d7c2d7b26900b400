// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* loader/utf8.c: characters and their width. */
#include "utf8.h"

#include <criterion/criterion.h>

static void expect_read(const char *text, size_t size, uint32_t c)
{
	uint32_t got = 0;

	cr_expect_eq(utf8_read(text, &got), size);
	cr_expect_eq(got, c);
}

Test(utf8, characters_of_every_length_are_read)
{
	expect_read("a", 1, 'a');
	expect_read("\xc3\xb6", 2, 0xf6);
	expect_read("\xe2\x82\xac", 3, 0x20ac);
	expect_read("\xf0\x9f\x8c\xbc", 4, 0x1f33c);
	expect_read("\xf4\x8f\xbf\xbf", 4, 0x10ffff);
}

Test(utf8, what_is_no_character_is_refused)
{
	static const char *const broken[] = {
		"\x80", "\xc3", "\xc3(", "\xe2\x82", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\x80", "\xf0\x80\x80\x80",
		"\xed\xa0\x80", "\xed\xbf\xbf", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xff",
	};

	for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
		expect_read(broken[i], 0, 0);
		cr_expect_not(utf8_valid(broken[i]));
	}
	cr_expect(utf8_valid(""));
	cr_expect(utf8_valid("gr\xc3\xb6\xc3\x9f" "er"));
	cr_expect_not(utf8_valid("fine\xff"));
}

Test(utf8, width_counts_what_a_terminal_takes)
{
	cr_expect_eq(utf8_width(""), 0);
	cr_expect_eq(utf8_width("eth0"), 4);
	cr_expect_eq(utf8_width("gr\xc3\xb6\xc3\x9f" "er"), 6);
	cr_expect_eq(utf8_width("o\xcc\x88"), 1);
	cr_expect_eq(utf8_width("\xe4\xb8\xad\xe6\x96\x87"), 4);
	cr_expect_eq(utf8_width("\xed\x95\x9c"), 2);
	cr_expect_eq(utf8_width("\xf0\x9f\x8c\xbc"), 2);
	cr_expect_eq(utf8_width("\xff\xff"), 2);
}

Test(utf8, cleaning_takes_as_much_memory_as_it_needs)
{
	auto_(mem) char *text = utf8_cleaned("a\033b\n\xff");

	cr_expect_str_eq(text, "a\\x1bb\\x0a\\xff");
}
