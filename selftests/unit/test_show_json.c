// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* loader/show_json.c: what scripts read, key by key. */
#include "views.h"

#include <json.h>

/* Cuts blanks, so that a line of the contract can be compared. */
static void expect_json(const char *got, const char *wanted)
{
	auto_(mem) char *dense = strdup(got);
	char *to = dense;

	for (const char *from = got; *from; from++) {
		if (*from != ' ' && *from != '\n')
			*to++ = *from;
	}
	*to = '\0';
	cr_expect_str_eq(dense, wanted);
}

static struct view_hook *view_busy(struct view *view)
{
	struct view_hook *hook = view_add(view, "eth0", DAISY_AT_INGRESS, "edge");
	struct filter *filter = view_add_filter(hook, "meter:10.1@default");

	text_set(&filter->source.section, "tc");
	hook->filters[0].map_ids = malloc(2 * sizeof(uint32_t));
	hook->filters[0].map_ids[0] = 41;
	hook->filters[0].map_ids[1] = 42;
	hook->filters[0].map_count = 2;
	hook->total = hook->filters[0].reached = (struct daisy_count){ 1000, 64000 };
	hook->filters[0].by[DAISY_UNSPEC].packets = 990;
	hook->filters[0].by[DAISY_SHOT].packets = 10;
	return hook;
}

Test(show_json, no_chain_is_an_empty_array)
{
	struct view view = { 0 };
	auto_(mem) char *text = json_of(&view, true);

	cr_expect_str_eq(text, "[]\n");
}

Test(show_json, a_hook_is_written_as_the_contract_says)
{
	auto_(view) struct view view = { 0 };
	auto_(mem) char *text = NULL;
	struct view_foreign *foreign = view_add_foreign(view_busy(&view), VIEW_BEFORE, "cls_bpf", 1, "cilium");

	foreign->handle = 1;
	foreign->prog_id = 99;
	foreign->has_tag = true;
	text = json_of(&view, true);
	expect_json(text,
		"[{\"netns\":\"here\",\"dev\":\"eth0\",\"ifindex\":2,\"at\":\"ingress\",\"chain\":\"edge\","
		"\"revision\":7,\"engine\":\"tailcall\","
		"\"tc\":{\"prio\":49,\"handle\":1,\"prog_id\":312,\"attach\":\"clsact\"},"
		"\"packets\":1000,\"bytes\":64000,"
		"\"filters\":[{\"name\":\"meter\",\"owner\":\"default\",\"prio\":10,\"handle\":1,\"classid\":null,"
		"\"mode\":\"da\",\"source\":{\"object\":\"/o/meter.o\",\"section\":\"tc\"},\"prog_id\":100,"
		"\"tag\":\"a0a0a0a0a0a0a0a0\",\"map_ids\":[41,42],"
		"\"skip_sw\":false,\"skip_hw\":false,\"in_hw\":false,\"actions\":[],\"continue_on\":[],"
		"\"packets\":1000,\"bytes\":64000,"
		"\"verdicts\":"
		"{\"unspec\":990,\"ok\":0,\"shot\":10,\"stolen\":0,\"trap\":0,\"redirect\":0,\"missing\":0}}],"
		"\"foreign\":[{\"where\":\"before\",\"kind\":\"cls_bpf\",\"prio\":1,\"handle\":1,\"name\":\"cilium\","
		"\"prog_id\":99,\"tag\":\"0000000000000000\"}]}]");
}

Test(show_json, an_answer_is_one_line)
{
	auto_(view) struct view view = { 0 };
	auto_(mem) char *text = NULL;

	text_set(&view_busy(&view)->filters[0].filter->name, "two\nlines");
	text = json_of(&view, true);
	cr_expect_eq(strchr(text, '\n'), text + strlen(text) - 1);
	expect_holds(text, "\"two\\nlines\"");
}

Test(show_json, without_stats_there_are_no_counts)
{
	auto_(view) struct view view = { 0 };
	auto_(mem) char *text = NULL;

	view_busy(&view);
	text = json_of(&view, false);
	expect_lacks(text, "packets");
	expect_lacks(text, "bytes");
	expect_lacks(text, "verdicts");
	expect_holds(text, "\"filters\"");
}

Test(show_json, counts_have_64_bits)
{
	auto_(view) struct view view = { 0 };
	auto_(mem) char *text = NULL;
	struct view_hook *hook = view_busy(&view);

	hook->total.packets = UINT64_MAX;
	hook->filters[0].missing = 1ULL << 63;
	text = json_of(&view, true);
	expect_holds(text, "\"packets\": 18446744073709551615,");
	expect_holds(text, "\"missing\": 9223372036854775808 ");
}

Test(show_json, a_hook_without_chain_has_nulls_and_no_filters)
{
	auto_(view) struct view view = { 0 };
	auto_(mem) char *text = NULL;

	view_add_foreign(view_add(&view, "eth0", DAISY_AT_EGRESS, NULL), VIEW_AFTER, "tcx", 0, NULL);
	text = json_of(&view, true);
	expect_json(text,
		"[{\"netns\":\"here\",\"dev\":\"eth0\",\"ifindex\":2,\"at\":\"egress\",\"chain\":null,"
		"\"revision\":null,\"engine\":null,"
		"\"tc\":{\"prio\":null,\"handle\":null,\"prog_id\":null,\"attach\":null},"
		"\"packets\":null,\"bytes\":null,\"filters\":[],"
		"\"foreign\":[{\"where\":\"after\",\"kind\":\"tcx\",\"prio\":null,\"handle\":null,\"name\":null,"
		"\"prog_id\":null,\"tag\":null}]}]");
}

Test(show_json, sources_of_every_kind)
{
	auto_(view) struct view view = { 0 };
	auto_(mem) char *text = NULL;
	struct view_hook *hook = view_add(&view, "eth0", DAISY_AT_INGRESS, "edge");
	struct source *object = &view_add_filter(hook, "a:10.1")->source;
	struct source *pinned = &view_add_filter(hook, "b:20.1")->source;
	struct source *id = &view_add_filter(hook, "c:30.1")->source;
	struct source *none = &view_add_filter(hook, "d:40.1")->source;

	text_set(&object->symbol, "main");
	object->has_digest = true;
	memset(object->digest, 0x9f, sizeof(object->digest));
	pinned->kind = DAISY_SOURCE_PINNED;
	id->kind = DAISY_SOURCE_ID;
	id->id = 4711;
	none->kind = DAISY_SOURCE_NONE;
	text = json_of(&view, false);
	expect_holds(text, "\"source\": { \"object\": \"/o/a.o\", \"section\": null, \"symbol\": \"main\", \"sha256\": "
		     "\"9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f\" }");
	expect_holds(text, "\"source\": { \"pinned\": \"/o/b.o\" }");
	expect_holds(text, "\"source\": { \"id\": 4711 }");
	expect_holds(text, "\"source\": null");
}

Test(show_json, options_of_a_filter)
{
	auto_(view) struct view view = { 0 };
	auto_(mem) char *text = NULL;
	struct filter *filter = view_busy(&view)->filters[0].filter;

	filter->classid = 0x10010;
	filter->flags = DAISY_F_CLASSIFY | DAISY_F_SKIP_SW | DAISY_F_IN_HW;
	filter->continue_on = 1U << DAISY_OK | 1U << DAISY_REDIRECT;
	filter->prog_id = 0;
	text = json_of(&view, false);
	expect_holds(text, "\"classid\": \"1:10\", \"mode\": \"classify\"");
	expect_holds(text, "\"skip_sw\": true, \"skip_hw\": false, \"in_hw\": true");
	expect_holds(text, "\"continue_on\": [ \"ok\", \"redirect\" ]");
	expect_holds(text, "\"prog_id\": null, \"tag\": null");
}

Test(show_json, damage_is_told_only_when_there_is_some)
{
	auto_(view) struct view view = { 0 };
	auto_(mem) char *whole = NULL, *damaged = NULL;

	view_busy(&view);
	whole = json_of(&view, false);
	expect_lacks(whole, "damaged");
	view.hooks[0].damaged = true;
	damaged = json_of(&view, false);
	expect_holds(damaged, ", \"damaged\": true } ]\n");
}

static void expect_name(const char *name, const char *as_read)
{
	auto_(view) struct view view = { 0 };
	auto_(mem) char *text = NULL;
	struct json_object *root, *hook, *value;

	view_add(&view, name, DAISY_AT_INGRESS, "edge");
	text = json_of(&view, false);
	expect_lacks(text, "\033");
	expect_lacks(text, "\x7f");
	expect_lacks(text, "\xc2\x9b");
	root = json_tokener_parse(text);
	cr_assert_not_null(root, "%s", text);
	hook = json_object_array_get_idx(root, 0);
	cr_assert(json_object_object_get_ex(hook, "dev", &value));
	cr_expect_str_eq(json_object_get_string(value), as_read);
	json_object_put(root);
}

Test(show_json, any_name_comes_back_and_broken_bytes_are_cleaned)
{
	expect_name("a/b \"c\" \\ 'd'", "a/b \"c\" \\ 'd'");
	expect_name("gr\xc3\xb6\xc3\x9f", "gr\xc3\xb6\xc3\x9f");
	expect_name("\xe4\xb8\xad \xf0\x9f\x8c\xbc", "\xe4\xb8\xad \xf0\x9f\x8c\xbc");
	expect_name("a\033[2J\t\x7f\xc2\x9b", "a\033[2J\t\x7f\xc2\x9b");
	expect_name("a\xff\xc3", "a\\xff\\xc3");
	expect_name("\xed\xa0\x80\xe0\x80\x80", "\\xed\\xa0\\x80\\xe0\\x80\\x80");
}

static void expect_outcome(const struct outcome *outcome, const char *json)
{
	auto_(mem) char *got = NULL;
	size_t size;
	FILE *out = open_memstream(&got, &size);

	cr_assert_eq(outcome_json(outcome, out), 0);
	fclose(out);
	expect_json(got, json);
}

Test(show_json, an_outcome_without_a_chain_has_nulls)
{
	struct outcome outcome = { 0 };

	expect_outcome(&outcome, "{\"chain\":null,\"revision\":null,\"hooks\":[],\"steps\":[]}");
}

Test(show_json, an_outcome_is_written_as_the_contract_says)
{
	struct step steps[] = {
		{ STEP_ADD, (char *)"edge", (char *)"meter", NULL, 0, NULL },
		{ STEP_REPLACE, (char *)"edge", (char *)"b", NULL, 0, (char *)"program-changed" },
		{ STEP_ATTACH, (char *)"edge", NULL, (char *)"eth0", DAISY_AT_EGRESS, NULL },
	};
	struct outcome_hook hooks[] = { { (char *)"edge", (char *)"eth0", 2, DAISY_AT_EGRESS, 8 } };
	struct outcome outcome = {
		.chain = (char *)"edge",
		.revision = 8,
		.hooks = hooks,
		.hook_count = ARRAY_SIZE(hooks),
		.plan = { steps, ARRAY_SIZE(steps) },
		.dry_run = true,
	};

	expect_outcome(&outcome,
		"{\"chain\":\"edge\",\"revision\":8,"
		"\"hooks\":[{\"chain\":\"edge\",\"dev\":\"eth0\",\"ifindex\":2,\"at\":\"egress\",\"revision\":8}],"
		"\"steps\":[{\"step\":\"add\",\"chain\":\"edge\",\"filter\":\"meter\",\"why\":null},"
		"{\"step\":\"replace\",\"chain\":\"edge\",\"filter\":\"b\",\"why\":\"program-changed\"},"
		"{\"step\":\"attach\",\"chain\":\"edge\",\"dev\":\"eth0\",\"at\":\"egress\",\"why\":null}],"
		"\"dry_run\":true}");
}

static void expect_error(const char *text, int code, const char *line)
{
	auto_(mem) char *got = NULL;
	size_t size;
	FILE *out = open_memstream(&got, &size);

	cr_assert_eq(error_json(text, code, out), 0);
	fclose(out);
	cr_expect_str_eq(got, line);
}

Test(show_json, an_error_is_one_line_with_the_name_of_its_number)
{
	expect_error("no device 'eth7'", -ENODEV, "{ \"error\": \"no device 'eth7'\", \"errno\": \"ENODEV\" }\n");
	expect_error("a\n\"b\"", EINVAL, "{ \"error\": \"a\\n\\\"b\\\"\", \"errno\": \"EINVAL\" }\n");
	expect_error("odd", -4000, "{ \"error\": \"odd\", \"errno\": null }\n");
}

Test(show_json, a_full_disk_is_told)
{
	auto_(view) struct view view = { 0 };
	auto_(file) FILE *full = full_file();
	struct outcome outcome = { 0 };

	cr_expect_eq(show_json(&view, true, full), -ENOSPC);
	expect_sentence(ERROR_FAILED, "cannot write", "No space left");
	cr_expect_lt(outcome_json(&outcome, full), 0);
	expect_sentence(ERROR_FAILED, "cannot write", "");
	cr_expect_lt(error_json("text", -EINVAL, full), 0);
	expect_sentence(ERROR_FAILED, "cannot write", "");
}
