// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* loader/error.c: one sentence a failure, said first, widened by those who know more, in one line. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "error.h"

Test(error, the_first_sentence_stands)
{
	cr_expect_eq(fail(-EPERM, "no %s", "key"), -EPERM);
	cr_expect_eq(fail_input(-EINVAL, "later"), -EINVAL);
	cr_expect_str_eq(error_text(), "no key");
	cr_expect_eq(error_kind(), ERROR_FAILED);
}

Test(error, each_kind_is_told)
{
	fail_input(-EINVAL, "x");
	cr_expect_eq(error_kind(), ERROR_INPUT);
	error_clear();
	cr_expect_eq(fail_stale("x"), -ESTALE);
	cr_expect_eq(error_kind(), ERROR_STALE);
}

Test(error, an_errno_comes_in_words)
{
	cr_expect_eq(fail_errno(-ENOENT, "dev %s", "eth9"), -ENOENT);
	cr_expect_str_eq(error_text(), "dev eth9: No such file or directory");
}

Test(error, who_knows_more_says_it_around_the_sentence)
{
	fail(-EINVAL, "bad");
	error_prepend("filter '%s'", "a");
	error_append("; and %s", "worse");
	cr_expect_str_eq(error_text(), "filter 'a': bad; and worse");
}

Test(error, nothing_is_said_around_no_sentence)
{
	error_prepend("filter");
	error_append("more");
	cr_expect_not(error_stands());
	cr_expect_str_eq(error_text(), "");
}

Test(error, a_sentence_is_one_line_whatever_is_named_in_it)
{
	fail(-EINVAL, "file '%s'", "a\nb\x1b[31m");
	cr_expect_str_eq(error_text(), "file 'a\\x0ab\\x1b[31m'");
}

Test(error, a_sentence_put_aside_comes_back)
{
	struct error_aside aside = { 0 };

	fail_stale("first");
	error_put_aside(&aside);
	cr_expect_not(error_stands());
	fail(-EIO, "second");
	error_put_back(&aside);
	cr_expect_str_eq(error_text(), "first");
	cr_expect_eq(error_kind(), ERROR_STALE);
	error_clear();
	cr_expect_not(error_stands());
}

Test(error, want_of_memory_needs_none)
{
	cr_expect_eq(fail_memory(), -ENOMEM);
	cr_expect_str_eq(error_text(), "out of memory");
	error_prepend("filter 'a'");
	cr_expect_str_eq(error_text(), "filter 'a': out of memory");
}
