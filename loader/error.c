// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The one sentence that a failure leaves behind, for the calling thread.
 *
 * It is said once, by the room that met the failure and knows its cause; rooms
 * above hand the code on. Printing it is the command's business.
 */
#include "error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daisy.h"
#include "util.h"

_Static_assert((int)ERROR_FAILED == DAISY_ERROR_FAILED && (int)ERROR_INPUT == DAISY_ERROR_INPUT &&
	       (int)ERROR_STALE == DAISY_ERROR_STALE, "the library's kinds are the public ones");

static _Thread_local struct error_aside sentence;

/* A sentence for want of memory needs none. */
static char no_memory[] = "out of memory";

static void sentence_set(char *text, enum error_kind kind)
{
	if (sentence.text != no_memory)
		free(sentence.text);
	sentence.text = text;
	sentence.kind = kind;
}

/* One line, whatever the kernel or a file name put into it. */
static char *one_line(const char *text)
{
	size_t size = strlen(text) * 4 + 1;
	char *line = malloc(size);

	return line ? text_clean(line, size, text) : no_memory;
}

static int say(enum error_kind kind, int code, const char *words, const char *format, va_list arguments)
{
	auto_(mem) char *text = NULL;
	auto_(mem) char *whole = NULL;

	if (error_stands())
		return code;
	if (vasprintf(&text, format, arguments) < 0)
		text = NULL;
	if (text && words)
		whole = text_format("%s: %s", text, words);
	if (!text || (words && !whole))
		sentence_set(no_memory, kind);
	else
		sentence_set(one_line(whole ? whole : text), kind);
	return code;
}

int fail(int code, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(ERROR_FAILED, code, NULL, format, arguments);
	va_end(arguments);
	return code;
}

int fail_input(int code, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(ERROR_INPUT, code, NULL, format, arguments);
	va_end(arguments);
	return code;
}

int fail_stale(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(ERROR_STALE, -ESTALE, NULL, format, arguments);
	va_end(arguments);
	return -ESTALE;
}

int fail_errno(int code, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(ERROR_FAILED, code, strerror(-code), format, arguments);
	va_end(arguments);
	return code;
}

int fail_memory(void)
{
	if (!error_stands())
		sentence_set(no_memory, ERROR_FAILED);
	return -ENOMEM;
}

static void sentence_join(const char *first, const char *between, const char *second)
{
	auto_(mem) char *whole = text_format("%s%s%s", first, between, second);

	if (whole)
		sentence_set(one_line(whole), sentence.kind);
}

void error_prepend(const char *format, ...)
{
	auto_(mem) char *where = NULL;
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(&where, format, arguments) < 0)
		where = NULL;
	va_end(arguments);
	if (where && error_stands())
		sentence_join(where, ": ", sentence.text);
}

void error_append(const char *format, ...)
{
	auto_(mem) char *more = NULL;
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(&more, format, arguments) < 0)
		more = NULL;
	va_end(arguments);
	if (more && error_stands())
		sentence_join(sentence.text, "", more);
}

void error_clear(void)
{
	sentence_set(NULL, 0);
}

bool error_stands(void)
{
	return sentence.text != NULL;
}

bool error_begins(const char *words)
{
	return strncmp(error_text(), words, strlen(words)) == 0;
}

const char *error_text(void)
{
	return sentence.text ? sentence.text : "";
}

enum error_kind error_kind(void)
{
	return sentence.kind;
}

void error_put_aside(struct error_aside *aside)
{
	*aside = sentence;
	sentence = (struct error_aside){ 0 };
}

void error_put_back(struct error_aside *aside)
{
	sentence_set(aside->text, aside->kind);
	*aside = (struct error_aside){ 0 };
}
