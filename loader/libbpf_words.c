// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * libbpf's warnings, kept as the words of a failure instead of printed.
 *
 * libbpf warns where something fails and again in every function on the way up,
 * so what it says first is the cause and what it says last is "failed to load
 * object". What is kept is its last warning that says something new. Turning it
 * into a sentence is left to whoever knows the object and the program.
 */
#include "program.h"

#include <bpf/libbpf.h>
#include <string.h>

#define WORDS_SIZE 512

static _Thread_local char latest[WORDS_SIZE]; /* what libbpf said since it was last asked */
static _Thread_local char told[WORDS_SIZE];
static _Thread_local int btf_error;

/* Says again, less precisely, that what was warned of has failed. */
static bool is_echo(const char *text)
{
	static const char *const phrases[] = {
		"failed to load object", "failed to load: ", "failed to load BPF skeleton", "error reusing pinned map",
		"failed to create: ", "failed to initialize: ", "failed to relocate: ", "failed to perform CO-RE",
	};

	for (size_t i = 0; i < ARRAY_SIZE(phrases); i++) {
		if (strstr(text, phrases[i]))
			return true;
	}
	return false;
}

/* Warns of what libbpf goes on without, or guesses at a cause that it does not know. */
static bool is_noise(const char *text)
{
	static const char *const phrases[] = {
		"Retrying without BTF", "BTF is optional", "BTF loading error", "LOAD LOG --",
		"permission error while running as root",
	};

	for (size_t i = 0; i < ARRAY_SIZE(phrases); i++) {
		if (strstr(text, phrases[i]))
			return true;
	}
	return false;
}

/* libbpf ends some of its warnings with a bare errno. */
static void number_to_words(char text[WORDS_SIZE])
{
	char *colon = strrchr(text, ':');
	int code, end = 0;

	if (colon && sscanf(colon, ": -%d%n", &code, &end) == 1 && code > 0 && !colon[end])
		snprintf(colon, WORDS_SIZE - (size_t)(colon - text), ": %s", strerror(code));
}

static int remember(enum libbpf_print_level level, const char *format, va_list arguments)
{
	static const char prefix[] = "libbpf: ";
	char text[WORDS_SIZE];
	const char *words = text;

	if (level != LIBBPF_WARN)
		return 0;
	vsnprintf(text, sizeof(text), format, arguments);
	if (strncmp(words, prefix, sizeof(prefix) - 1) == 0)
		words += sizeof(prefix) - 1;
	text[strcspn(text, "\n")] = '\0';
	if (sscanf(words, "Error loading .BTF into kernel: %d", &btf_error) == 1 || is_noise(words) ||
	    (latest[0] && is_echo(words)))
		return 0;
	memcpy(latest, words, strlen(words) + 1);
	number_to_words(latest);
	return 0;
}

void libbpf_hush(void)
{
	latest[0] = '\0';
	btf_error = 0;
	libbpf_set_print(remember);
}

int libbpf_btf_error(void)
{
	return btf_error < 0 ? btf_error : 0;
}

const char *libbpf_last_words(void)
{
	memcpy(told, latest, sizeof(told));
	latest[0] = '\0';
	return told;
}
