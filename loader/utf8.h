/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* utf8.h: characters of a text, for those who write it in columns, in JSON or in YAML. */
#ifndef DAISY_UTF8_H
#define DAISY_UTF8_H

#include "util.h"

/* Bytes of the character at @text, 0 if they are none: too long a form, half a pair, beyond Unicode. */
size_t utf8_read(const char *text, uint32_t *ret_char);
/* What a terminal obeys instead of showing: C0, DEL, and C1. */
bool utf8_control(uint32_t c);
bool utf8_valid(const char *text);
/* Columns that a terminal takes for @text; a byte that is no character counts as one. */
size_t utf8_width(const char *text);
/* text_clean() into fresh memory; NULL without. */
char *utf8_cleaned(const char *text);

#endif
