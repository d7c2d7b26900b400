/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * error.h: the one sentence that a failure leaves behind. The first failure of
 * a call says it, where it happens; callers above only hand the code on.
 */
#ifndef DAISY_ERROR_H
#define DAISY_ERROR_H

#include <stdbool.h>

/* Whose fault it is, and so the exit code. */
enum error_kind {
	ERROR_FAILED = 1,	/* refused or failed: exit 1 */
	ERROR_INPUT = 2,	/* the command line or a file is wrong: exit 2 */
	ERROR_STALE = 3,	/* the revision moved: exit 3 */
};

/* Each records its sentence (unless one stands already) and returns @code, a negative errno. */
int fail(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));
int fail_input(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));
int fail_stale(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The sentence, ": " and the words for @code. */
int fail_errno(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));
int fail_memory(void);

/* Puts "WHERE: " before the sentence that stands, so a filter or a device is named once, by who knows it. */
void error_prepend(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Puts more words behind the sentence that stands. */
void error_append(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Forgets the sentence: at the start of a public call, or when a failure was expected. */
void error_clear(void);
bool error_stands(void);
bool error_begins(const char *words);
const char *error_text(void);	/* "" when none */
enum error_kind error_kind(void);

/* Puts a sentence aside while something else is tried (rolling back), and back again. */
struct error_aside { char *text; enum error_kind kind; };
void error_put_aside(struct error_aside *aside);
void error_put_back(struct error_aside *aside);

#endif
