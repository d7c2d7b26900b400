// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * loader/config.c and the rooms behind it: what files say. What they may not say
 * is test_config_wrong.c's.
 */
#include "chains.h"
#include "configs.h"

static const char good[] =
	"# all that a file may say\n"
	"chains:\n"
	"  edge:\n"
	"    - name: meter\n"
	"      program: { object: meter.bpf.o, section: tc, sha256: " HEX " }\n"
	"      prio: 0x10\n"
	"      handle: 3\n"
	"      mode: da\n"
	"      owner: me\n"
	"      continue-on: [ok, redirect]\n"
	"    - name: \"sh\xc3\xa4pe\"\n"
	"      program: { pinned: pins/shape }\n"
	"      continue-on: shot\n"
	"  other:\n"
	"    - name: meter\n"
	"      program:\n"
	"        id: 7\n"
	"    - { name: last, program: { object: /o/last.o, symbol: last } }\n"
	"hooks:\n"
	"  - { chain: edge, dev: eth0, at: ingress }\n"
	"  - chain: other\n"
	"    dev: 'veth*'\n"
	"    at: egress\n"
	"    engine: tailcall\n";

Test(config, reads_chains_and_filters_in_file_order)
{
	auto_(config) struct config *config = config_of(good);

	cr_assert_eq(config->chain_count, 2);
	cr_expect_str_eq(config->chains[0]->name, "edge");
	cr_expect_str_eq(config->chains[1]->name, "other");
	cr_assert_eq(config->chains[0]->filter_count, 2);
	cr_expect_str_eq(config->chains[0]->filters[0]->name, "meter");
	cr_expect_str_eq(config->chains[0]->filters[1]->name, "sh\xc3\xa4pe");
	cr_expect_eq(config_find(config, "other"), config->chains[1]);
	cr_expect_null(config_find(config, "oth"));
	cr_expect_eq(config_check(config), 0);
}

Test(config, knows_the_line_of_chain_filter_and_hook)
{
	auto_(config) struct config *config = config_of(good);

	cr_expect_eq(config->chains[0]->line, 3);
	cr_expect_eq(config->chains[0]->filters[0]->line, 4);
	cr_expect_eq(config->chains[0]->filters[1]->line, 11);
	cr_expect_eq(config->chains[1]->line, 14);
	cr_expect_eq(config->chains[1]->filters[1]->line, 18);
	cr_expect_eq(config->hooks[0].line, 20);
	cr_expect_eq(config->hooks[1].line, 21);
}

Test(config, reads_numbers_words_and_owner)
{
	auto_(config) struct config *config = config_of(good);
	const struct filter *meter = config->chains[0]->filters[0], *shape = config->chains[0]->filters[1];

	cr_expect_eq(meter->prio, 16);
	cr_expect_eq(meter->handle, 3);
	cr_expect_eq(meter->continue_on, 1U << DAISY_OK | 1U << DAISY_REDIRECT);
	cr_expect_str_eq(meter->owner, "me");
	cr_expect_eq(shape->prio, 0);
	cr_expect_eq(shape->handle, 0);
	cr_expect_eq(shape->continue_on, 1U << DAISY_SHOT);
	cr_expect_str_eq(shape->owner, "me");
}

Test(config, a_filter_may_name_its_owner)
{
	auto_(config) struct config *config = config_of(FILTER "      owner: you\n    - { name: b, program: { id: 8 } }\n");

	cr_expect_str_eq(config->chains[0]->filters[0]->owner, "you");
	cr_expect_str_eq(config->chains[0]->filters[1]->owner, "me");
}

Test(config, takes_prios_that_never_fall_and_handles_that_differ_in_one)
{
	auto_(config) struct config *config = config_of("chains:\n  edge:\n"
							"    - { name: a, program: { id: 7 }, prio: 10, handle: 1 }\n"
							"    - { name: b, program: { id: 7 }, handle: 1 }\n"
							"    - { name: c, program: { id: 7 }, prio: 10, handle: 2 }\n"
							"    - { name: d, program: { id: 7 }, prio: 10 }\n"
							"    - { name: e, program: { id: 7 }, prio: 10 }\n"
							"    - { name: f, program: { id: 7 }, prio: 20, handle: 1 }\n"
							"  other:\n"
							"    - { name: a, program: { id: 7 }, prio: 10, handle: 1 }\n");

	cr_expect_eq(config->chains[0]->filter_count, 6);
	cr_expect_eq(config->chains[1]->filters[0]->prio, 10);
}

Test(config, reads_every_source)
{
	auto_(config) struct config *config = config_of(good);
	const struct source *object = &config->chains[0]->filters[0]->source;
	const struct source *pinned = &config->chains[0]->filters[1]->source;
	const struct source *id = &config->chains[1]->filters[0]->source;
	const struct source *last = &config->chains[1]->filters[1]->source;

	cr_expect_eq(object->kind, DAISY_SOURCE_OBJECT);
	cr_expect_str_eq(object->path, "/etc/daisy/meter.bpf.o");
	cr_expect_str_eq(object->section, "tc");
	cr_expect(object->section_named && !object->symbol_named && object->has_digest);
	cr_expect_eq(object->digest[1], 0x23);
	cr_expect_eq(object->digest[5], 0xab);
	cr_expect_eq(object->digest[31], 0x23);
	cr_expect_eq(pinned->kind, DAISY_SOURCE_PINNED);
	cr_expect_str_eq(pinned->path, "/etc/daisy/pins/shape");
	cr_expect_eq(id->kind, DAISY_SOURCE_ID);
	cr_expect_eq(id->id, 7);
	cr_expect_str_eq(last->path, "/o/last.o");
	cr_expect_str_eq(last->symbol, "last");
	cr_expect(last->symbol_named && !last->section_named && !last->has_digest);
}

Test(config, reads_hooks_with_patterns)
{
	auto_(config) struct config *config = config_of(good);

	cr_assert_eq(config->hook_count, 2);
	cr_expect_str_eq(config->hooks[0].chain, "edge");
	cr_expect_str_eq(config->hooks[0].dev, "eth0");
	cr_expect_eq(config->hooks[0].at, DAISY_AT_INGRESS);
	cr_expect_not(config->hooks[0].has_engine);
	cr_expect_str_eq(config->hooks[0].file, "/etc/daisy/a.yaml");
	cr_expect_str_eq(config->hooks[1].dev, "veth*");
	cr_expect_eq(config->hooks[1].at, DAISY_AT_EGRESS);
	cr_expect(config->hooks[1].has_engine);
	cr_expect_eq(config->hooks[1].engine, DAISY_ENGINE_TAILCALL);
}

Test(config, reads_what_other_editors_write)
{
	auto_(config) struct config *mark = config_of("\xef\xbb\xbf" FILTER);
	auto_(config) struct config *returns = config_of("chains:\r\n  edge:\r\n    - name: a\r\n      program: {id: 1}\r\n");
	auto_(config) struct config *document = config_of("---\n" FILTER "...\n");

	cr_expect_eq(mark->chains[0]->line, 2);
	cr_expect_eq(returns->chains[0]->filters[0]->line, 3);
	cr_expect_eq(document->chains[0]->line, 3);
}

Test(config, takes_a_file_without_any_chain_that_says_so)
{
	auto_(config) struct config *config = config_of("chains: {}\nhooks: []\n");

	cr_expect_eq(config->chain_count + config->hook_count, 0);
	cr_expect_eq(config_check(config), 0);
}

static void expect_path(const char *file, const char *object, const char *path)
{
	auto_(config) struct config *config = NULL;
	auto_(mem) char *text = text_format(PROGRAM "{ object: '%s' }\n", object);

	cr_assert_eq(config_new(&config), 0);
	cr_assert_eq(config_parse(config, file, text, strlen(text), "me"), 0, "%s", error_text());
	cr_expect_str_eq(config->chains[0]->filters[0]->source.path, path);
}

Test(config, paths_count_from_the_file)
{
	auto_(mem) char *here = getcwd(NULL, 0);
	auto_(mem) char *beside = text_format("%s/a.o", here);
	auto_(mem) char *below = text_format("%s/d/e/a.o", here);

	expect_path("/etc/daisy/a.yaml", "/o/a.o", "/o/a.o");
	expect_path("/etc/daisy/a.yaml", ".//./a.o", "/etc/daisy/a.o");
	expect_path("/etc/daisy/a.yaml", "../a.o", "/etc/daisy/../a.o");
	expect_path("/a.yaml", "a.o", "/a.o");
	expect_path("a.yaml", "a.o", beside);
	expect_path("d/e/a.yaml", "a.o", below);
}

Test(config, takes_the_longest_name)
{
	char name[DAISY_NAME_SIZE] = "";
	auto_(mem) char *text = NULL;
	auto_(config) struct config *config = NULL;

	memset(name, 'n', sizeof(name) - 1);
	text = text_format("chains:\n  edge:\n    - name: %s\n      program: { id: 7 }\n", name);
	config = config_of(text);
	cr_expect_str_eq(config->chains[0]->filters[0]->name, name);
}

Test(config, takes_numbers_at_their_limits)
{
	auto_(config) struct config *config = config_of(FILTER "      prio: 65535\n      handle: 0x7fffffff\n");

	cr_expect_eq(config->chains[0]->filters[0]->prio, CHAIN_PRIO_MAX);
	cr_expect_eq(config->chains[0]->filters[0]->handle, CHAIN_HANDLE_MAX);
}

static void parse_second(struct config *config, const char *text, const char *sentence)
{
	int r = config_parse(config, "b.yaml", text, strlen(text), "me");

	if (r == 0)
		r = config_check(config);
	cr_expect_eq(r, sentence[0] ? -EINVAL : 0);
	cr_expect_str_eq(error_text(), sentence);
	error_clear();
}

Test(config, several_files_are_one_whole)
{
	auto_(config) struct config *config = config_of("hooks:\n  - { chain: edge, dev: a, at: egress }\n");

	cr_expect_eq(config_check(config), -EINVAL);
	cr_expect_str_eq(error_text(), "/etc/daisy/a.yaml:2: there is no chain 'edge'");
	error_clear();
	parse_second(config, FILTER, "");
	parse_second(config, "\n" FILTER, "b.yaml:3: chain 'edge' is in another file too");
	parse_second(config, "hooks:\n  - { chain: edge, dev: a, at: egress }\n",
		     "b.yaml:2: dev a egress has a hook already, at /etc/daisy/a.yaml:2");
}

Test(config, reads_a_file)
{
	char path[] = "/tmp/daisy-test-XXXXXX";
	auto_(fd) int fd = mkstemp(path);
	auto_(config) struct config *config = NULL;

	cr_assert_eq(write(fd, good, strlen(good)), (ssize_t)strlen(good));
	cr_assert_eq(config_new(&config), 0);
	cr_expect_eq(config_read(config, path, "me"), 0, "%s", error_text());
	unlink(path);
	cr_assert_eq(config->chain_count, 2);
	cr_expect_str_eq(config->chains[0]->filters[0]->source.path, "/tmp/meter.bpf.o");
}

Test(config, says_which_file_cannot_be_read)
{
	auto_(config) struct config *config = NULL;

	cr_assert_eq(config_new(&config), 0);
	cr_expect_eq(config_read(config, "/nowhere/a.yaml", "me"), -ENOENT);
	cr_expect_eq(error_kind(), ERROR_INPUT);
	cr_expect_str_eq(error_text(), "/nowhere/a.yaml: No such file or directory");
	error_clear();
	cr_expect_eq(config_read(config, "/", "me"), -EISDIR);
	cr_expect_str_eq(error_text(), "/: Is a directory");
}

Test(config, free_takes_null)
{
	config_free(NULL);
}

/* Up to four bytes overwritten, doubled or cut out, with those that mean something to YAML most of the time. */
static size_t mutate(char *text, size_t size, uint32_t *state)
{
	static const char signs[] = "\n\n  :-[]{}\"',#&*!|>%@`?~\t\\\r0a";

	for (uint32_t changes = 1 + chance(state, 4); changes > 0; changes--) {
		size_t at = chance(state, (uint32_t)size - 1);

		switch (chance(state, 4)) {
		case 0:
			text[at] = (char)chance(state, 256);
			break;
		case 1:
			memmove(text + at, text + at + 1, --size - at);
			break;
		case 2:
			memmove(text + at + 1, text + at, size++ - at);
			break;
		default:
			text[at] = signs[chance(state, sizeof(signs) - 1)];
		}
	}
	return size;
}

Test(config, a_damaged_file_gives_chains_or_one_sentence)
{
	uint32_t state = 2463534242U;

	for (unsigned int i = 0; i < 10000; i++) {
		auto_(config) struct config *config = NULL;
		/* Of its exact size, so that a sanitizer sees a byte read behind it. */
		auto_(mem) char *text = malloc(sizeof(good) + 4);
		size_t size = sizeof(good) - 1;
		int r;

		memcpy(text, good, size);
		size = mutate(text, size, &state);
		text = realloc(text, size);
		cr_assert_eq(config_new(&config), 0);
		r = config_parse(config, "a.yaml", text, size, "me");
		cr_assert_leq(r, 0);
		cr_assert_eq(r < 0, error_stands());
		cr_assert(r == 0 || strncmp(error_text(), "a.yaml:", 7) == 0, "%s", error_text());
		error_clear();
	}
}
