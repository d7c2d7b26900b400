// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* loader/export.c: a file that config.c reads back as the same chains. */
#include <fnmatch.h>

#include "config.h"
#include "views.h"

static struct filter *object_of(struct filter *filter, const char *section, const char *symbol)
{
	text_set(&filter->source.section, section);
	text_set(&filter->source.symbol, symbol);
	filter->source.section_named = section;
	filter->source.symbol_named = symbol;
	return filter;
}

static struct filter *pinned_of(struct filter *filter, const char *path)
{
	filter->source.kind = DAISY_SOURCE_PINNED;
	text_set(&filter->source.path, path);
	return filter;
}

static struct filter *id_of(struct filter *filter, uint32_t id)
{
	source_clear(&filter->source);
	filter->source.kind = DAISY_SOURCE_ID;
	filter->source.id = id;
	return filter;
}

/* One filter of every kind. */
static void hook_fill(struct view_hook *hook)
{
	struct filter *filter = object_of(view_add_filter(hook, "meter:10.1"), "tc", NULL);

	filter->source.has_digest = true;
	memset(filter->source.digest, 0x9f, DAISY_DIGEST_SIZE);
	object_of(view_add_filter(hook, "count:10.2"), NULL, "count_all");
	view_add_filter(hook, "plain:20.1");
	filter = pinned_of(view_add_filter(hook, "shape:30.1"), "/sys/fs/bpf/shape");
	filter->continue_on = 1U << DAISY_OK | 1U << DAISY_TRAP;
	id_of(view_add_filter(hook, "loaded:40.7"), 4711);
}

static struct config *parsed(const char *text)
{
	struct config *config = NULL;
	int r;

	cr_assert_eq(config_new(&config), 0);
	r = config_parse(config, "export.yaml", text, strlen(text), "me");
	cr_assert_eq(r, 0, "%s in:\n%s", error_text(), text);
	return config;
}

static void expect_filter(const struct filter *got, const struct filter *wanted)
{
	cr_expect_str_eq(got->name, wanted->name);
	cr_expect_str_eq(got->owner, wanted->owner);
	cr_expect_eq(got->prio, wanted->prio);
	cr_expect_eq(got->handle, wanted->handle);
	cr_expect(source_same(&wanted->source, &got->source), "%s", wanted->name);
	cr_expect(filter_options_same(got, wanted), "%s", wanted->name);
}

/* The chain of @hook stands in @config, whole and in its order. */
static void expect_chain(const struct config *config, const struct view_hook *hook)
{
	const struct chain *chain = NULL;

	for (size_t i = 0; i < config->chain_count; i++) {
		if (strcmp(config->chains[i]->name, hook->chain) == 0)
			chain = config->chains[i];
	}
	cr_assert_not_null(chain, "%s", hook->chain);
	cr_assert_eq(chain->filter_count, hook->filter_count);
	for (size_t i = 0; i < hook->filter_count; i++)
		expect_filter(chain->filters[i], hook->filters[i].filter);
}

Test(export, a_view_is_written_as_the_contract_says)
{
	auto_(view) struct view view = { 0 };
	auto_(mem) char *text = NULL;

	hook_fill(view_add(&view, "eth0", DAISY_AT_INGRESS, "edge"));
	hook_fill(view_add(&view, "eth1", DAISY_AT_EGRESS, "edge"));
	view_add_foreign(view_add(&view, "eth2", DAISY_AT_EGRESS, NULL), VIEW_BEFORE, "u32", 1, NULL);
	text = yaml_of(&view);
	cr_expect_str_eq(text,
		"chains:\n"
		"  edge:\n"
		"  - name: meter\n"
		"    program: {object: /o/meter.o, section: tc, sha256: "
		"\"9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f\"}\n"
		"    owner: me\n"
		"    prio: 10\n"
		"    handle: 1\n"
		"  - name: count\n"
		"    program: {object: /o/count.o, symbol: count_all}\n"
		"    owner: me\n"
		"    prio: 10\n"
		"    handle: 2\n"
		"  - name: plain\n"
		"    program: {object: /o/plain.o}\n"
		"    owner: me\n"
		"    prio: 20\n"
		"    handle: 1\n"
		"  - name: shape\n"
		"    program: {pinned: /sys/fs/bpf/shape}\n"
		"    owner: me\n"
		"    prio: 30\n"
		"    handle: 1\n"
		"    continue-on: [ok, trap]\n"
		"  - name: loaded\n"
		"    program: {id: 4711}\n"
		"    owner: me\n"
		"    prio: 40\n"
		"    handle: 7\n"
		"hooks:\n"
		"- {chain: edge, dev: eth0, at: ingress}\n"
		"- {chain: edge, dev: eth1, at: egress}\n");
}

Test(export, what_only_some_chains_have_is_written_when_they_have_it)
{
	auto_(view) struct view view = { 0 };
	auto_(mem) char *text = NULL;
	struct view_hook *hook = view_add(&view, "eth0", DAISY_AT_INGRESS, "edge");
	struct filter *filter;

	filter = object_of(view_add_filter(hook, "a:10.1"), "tc", "main");
	filter->classid = 0x10010;
	filter->flags = DAISY_F_CLASSIFY;
	view_add_filter(hook, "b:20.1")->source.kind = DAISY_SOURCE_NONE;
	hook->engine = DAISY_ENGINE_FUSED;
	text = yaml_of(&view);
	expect_holds(text, "    program: {object: /o/a.o, symbol: main}\n");
	expect_holds(text, "    classid: \"1:10\"\n    mode: classify\n");
	expect_holds(text, "    program: {id: 101}\n");
	expect_holds(text, "- {chain: edge, dev: eth0, at: ingress, engine: fused}\n");
}

Test(export, a_file_does_not_ask_to_go_on_behind_unspec)
{
	auto_(view) struct view view = { 0 };
	auto_(mem) char *text = NULL;
	struct view_hook *hook = view_add(&view, "eth0", DAISY_AT_INGRESS, "edge");

	view_add_filter(hook, "a:10.1")->continue_on = 1U << DAISY_UNSPEC;
	view_add_filter(hook, "b:20.1")->continue_on = 1U << DAISY_UNSPEC | 1U << DAISY_SHOT;
	text = yaml_of(&view);
	expect_lacks(text, "unspec");
	expect_holds(text, "    handle: 1\n  - name: b\n");
	expect_holds(text, "    continue-on: [shot]\n");
}

Test(export, chains_come_back_equal)
{
	auto_(view) struct view view = { 0 };
	auto_(config) struct config *config = NULL;
	auto_(mem) char *text = NULL;

	hook_fill(view_add(&view, "eth0", DAISY_AT_INGRESS, "edge"));
	view_add_filter(view_add(&view, "eth0", DAISY_AT_EGRESS, "core"), "one:1.1");
	hook_fill(view_add(&view, "eth1", DAISY_AT_INGRESS, "edge"));
	text = yaml_of(&view);
	config = parsed(text);
	cr_assert_eq(config->chain_count, 2);
	cr_assert_eq(config->hook_count, 3);
	for (size_t i = 0; i < view.hook_count; i++) {
		expect_chain(config, &view.hooks[i]);
		cr_expect_str_eq(config->hooks[i].chain, view.hooks[i].chain);
		cr_expect_str_eq(config->hooks[i].dev, view.hooks[i].dev);
		cr_expect_eq(config->hooks[i].at, view.hooks[i].at);
	}
}

Test(export, every_filter_comes_back_with_its_owner)
{
	static const char *const owners[] = { "me", "you", "default", "no", "10", "a: #b", "~", "gr\xc3\xb6\xc3\x9f" "er" };
	auto_(view) struct view view = { 0 };
	auto_(config) struct config *config = NULL;
	auto_(mem) char *text = NULL;
	struct view_hook *hook = view_add(&view, "eth0", DAISY_AT_INGRESS, "edge");

	for (size_t i = 0; i < ARRAY_SIZE(owners); i++) {
		auto_(mem) char *word = text_format("f%zu:%zu.1", i, i + 1);

		text_set(&view_add_filter(hook, word)->owner, owners[i]);
	}
	text = yaml_of(&view);
	config = parsed(text);
	expect_chain(config, hook);
}

Test(export, over_what_runs_is_no_step_for_whoever_applies_it)
{
	auto_(view) struct view view = { 0 };
	auto_(config) struct config *config = NULL;
	auto_(mem) char *text = NULL;
	auto_(chain) struct chain *present = running_of("a:10.1@you b:20.1 c:30.1@them"), *wanted = NULL;
	struct view_hook *hook = view_add(&view, "eth0", DAISY_AT_INGRESS, "edge");

	view_add_filter(hook, "a:10.1@you");
	view_add_filter(hook, "b:20.1");
	view_add_filter(hook, "c:30.1@them");
	text = yaml_of(&view);
	config = parsed(text);
	cr_assert_eq(config->chain_count, 1);
	cr_assert_eq(plan_merge(present, config->chains[0], "me", true, false, &wanted), 0, "%s", error_text());
	expect_steps(present, wanted, "");
}

Test(export, nothing_comes_back_as_nothing)
{
	struct view view = { 0 };
	auto_(mem) char *text = yaml_of(&view);
	auto_(config) struct config *config = parsed(text);

	cr_expect_eq(config->chain_count, 0);
	cr_expect_eq(config->hook_count, 0);
}

/* @name as a filter, in paths and, where it may be one, as a section and a chain. */
static void expect_returns(const char *name)
{
	auto_(view) struct view view = { 0 };
	auto_(config) struct config *config = NULL;
	auto_(mem) char *text = NULL, *path = text_format("/o/%s", name);
	struct view_hook *hook = view_add(&view, "eth0", DAISY_AT_INGRESS, name_valid_short(name) ? name : "edge");
	struct filter *filter = view_add_filter(hook, "a:10.1");

	text_set(&filter->name, name);
	text_set(&filter->source.path, path);
	if (strlen(name) < DAISY_SECTION_SIZE)
		object_of(filter, name, NULL);
	pinned_of(view_add_filter(hook, "pin:20.1"), path);
	text = yaml_of(&view);
	config = parsed(text);
	expect_chain(config, hook);
}

Test(export, any_name_comes_back_unchanged)
{
	static const char *const names[] = {
		"a: #b", "yes", "No", "10", "0x10", "1e5", "1:10", "~", "null", "true", "'x'", "\"x\"", "", "-", "- a",
		"? a", "a:", ":a", "# a", "a #b", "&a", "*a", "!a", "|", ">", "%a", "@a", "`a`", "{a}", "[a, b]",
		"a, b", " a", "a ", "a  b", "a\\b", "a\\n", "...", "---", "<<", "=", ".inf", "2026-01-01",
		"gr\xc3\xb6\xc3\x9f" "er", "\xe4\xb8\xad\xe6\x96\x87", "\xf0\x9f\x8c\xbc", "\xc2\xa0", "\xe2\x80\xa8",
		"\xef\xbb\xbf" "a", "\xef\xbf\xbe", "a\xef\xbf\xbf", "\xf4\x8f\xbf\xbf",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (name_valid_filter(names[i]))
			expect_returns(names[i]);
	}
}

Test(export, names_made_up_by_chance_come_back_unchanged)
{
	static const char *const parts[] = {
		" ", "  ", ":", "#", "-", "'", "\"", "\\", ",", "[", "]", "{", "}", "a", "Z", "0", ".", "!", "&", "*",
		"%", "@", "?", "|", ">", "\xc2\xa0", "\xc3\xb6", "\xe2\x80\xa8", "\xef\xbb\xbf", "\xf0\x9f\x8c\xbc",
	};
	uint32_t state = 4711;

	for (int i = 0; i < 500; i++) {
		char name[DAISY_NAME_SIZE] = "";
		uint32_t count = 1 + chance(&state, 60);

		for (uint32_t j = 0; j < count; j++)
			strcat(name, parts[chance(&state, ARRAY_SIZE(parts))]);
		expect_returns(name);
	}
}

Test(export, the_longest_name_comes_back_unchanged)
{
	char name[DAISY_NAME_SIZE], wide[DAISY_NAME_SIZE];

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	expect_returns(name);
	memset(wide, ' ', sizeof(wide) - 1);
	wide[0] = wide[sizeof(wide) - 2] = '#';
	wide[sizeof(wide) - 1] = '\0';
	expect_returns(wide);
	name[DAISY_CHAIN_SIZE - 1] = '\0';
	expect_returns(name);
}

Test(export, a_device_is_no_pattern)
{
	auto_(view) struct view view = { 0 };
	auto_(config) struct config *config = NULL;
	auto_(mem) char *text = NULL;

	view_add_filter(view_add(&view, "a*[0]?\\", DAISY_AT_INGRESS, "edge"), "a:10.1");
	text = yaml_of(&view);
	config = parsed(text);
	cr_assert_eq(config->hook_count, 1);
	cr_expect_eq(fnmatch(config->hooks[0].dev, "a*[0]?\\", 0), 0);
	cr_expect_neq(fnmatch(config->hooks[0].dev, "ab0c\\", 0), 0);
}

Test(export, a_device_that_is_gone_has_no_line)
{
	auto_(view) struct view view = { 0 };
	auto_(mem) char *text = NULL;

	view_add_filter(view_add(&view, NULL, DAISY_AT_INGRESS, "edge"), "a:10.1");
	text = yaml_of(&view);
	expect_holds(text, "  edge:\n");
	expect_holds(text, "hooks: []\n");
}

Test(export, what_is_not_utf8_is_refused_and_nothing_written)
{
	auto_(view) struct view view = { 0 };
	auto_(mem) char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct view_hook *hook = view_add(&view, "eth0", DAISY_AT_INGRESS, "edge");

	view_add_filter(hook, "a:10.1");
	pinned_of(view_add_filter(hook, "b:20.1"), "/sys/fs/bpf/\xff");
	cr_expect_eq(export_yaml(&view, out), -EILSEQ);
	expect_sentence(ERROR_FAILED, "/sys/fs/bpf/\\xff", "not UTF-8");
	fclose(out);
	cr_expect_eq(size, 0);
}

Test(export, a_full_disk_is_told)
{
	auto_(view) struct view view = { 0 };
	auto_(file) FILE *full = full_file();

	cr_expect_eq(export_yaml(&view, full), -ENOSPC);
	expect_sentence(ERROR_FAILED, "cannot write", "No space left");
}
