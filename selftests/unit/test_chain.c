// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * loader/chain.c: filters, sources, hooks and their places. The words and names
 * are test_chain_words.c's.
 */
#include "chains.h"

#include <errno.h>

static struct source object(const char *path, const char *section, const char *symbol)
{
	return (struct source){
		.kind = DAISY_SOURCE_OBJECT,
		.path = (char *)path,
		.section = (char *)section,
		.symbol = (char *)symbol,
	};
}

Test(chain, inserts_at_front_middle_and_end)
{
	auto_(chain) struct chain *chain = chain_of("b");

	cr_assert_eq(chain_insert(chain, 0, filter_of("a")), 0);
	cr_assert_eq(chain_insert(chain, 2, filter_of("d")), 0);
	cr_assert_eq(chain_insert(chain, 2, filter_of("c")), 0);
	expect_names(chain, "a b c d");
}

Test(chain, refuses_a_name_twice)
{
	auto_(chain) struct chain *chain = chain_of("a b");
	auto_(filter) struct filter *again = filter_of("b");

	cr_expect_eq(chain_insert(chain, 0, again), -EEXIST);
	expect_names(chain, "a b");
}

Test(chain, refuses_an_index_behind_its_end)
{
	auto_(chain) struct chain *chain = chain_of("a b");
	auto_(filter) struct filter *filter = filter_of("c");

	cr_expect_eq(chain_insert(chain, 3, filter), -EINVAL);
	expect_names(chain, "a b");
}

Test(chain, take_hands_the_filter_to_the_caller)
{
	auto_(chain) struct chain *chain = chain_of("a b c");
	auto_(filter) struct filter *taken = chain_take(chain, 1);

	cr_expect_str_eq(taken->name, "b");
	expect_names(chain, "a c");
	cr_expect_null(chain_take(chain, 2));
}

Test(chain, remove_frees_the_filter)
{
	auto_(chain) struct chain *chain = chain_of("a b c");

	chain_remove(chain, 2);
	chain_remove(chain, 0);
	expect_names(chain, "b");
	chain_remove(chain, 0);
	cr_expect_eq(chain->filter_count, 0);
	chain_remove(chain, 0);
}

Test(chain, finds_by_whole_name)
{
	auto_(chain) struct chain *chain = chain_of("meter met");

	cr_expect_eq(chain_find(chain, "met"), chain->filters[1]);
	cr_expect_eq(chain_index(chain, "met"), 1);
	cr_expect_null(chain_find(chain, "mete"));
	cr_expect_eq(chain_index(chain, "mete"), -ENOENT);
}

Test(chain, free_takes_null)
{
	chain_free(NULL);
	filter_free(NULL);
}

Test(chain, insert_orders_by_priority)
{
	auto_(chain) struct chain *chain = chain_of("a:10 b:20 c:20 d:30");

	cr_expect_eq(chain_place(chain, 5), 0);
	cr_expect_eq(chain_place(chain, 11), 1);
	cr_expect_eq(chain_place(chain, 30), 3);
	cr_expect_eq(chain_place(chain, 31), 4);
}

Test(chain, places_the_newest_of_a_prio_first)
{
	auto_(chain) struct chain *chain = chain_of("a:10 b:20 c:20");

	cr_expect_eq(chain_place(chain, 10), 0);
	cr_expect_eq(chain_place(chain, 20), 1);
}

Test(chain, gives_the_lowest_handle_free_in_the_prio)
{
	auto_(chain) struct chain *chain = chain_of("a:10.3 b:10.1 c:20.2 d:10.0");

	cr_expect_eq(chain_free_handle(chain, 10, NULL), 2);
	cr_expect_eq(chain_free_handle(chain, 20, NULL), 1);
	cr_expect_eq(chain_free_handle(chain, 30, NULL), 1);
}

Test(chain, looks_past_the_filter_that_asks_for_a_handle)
{
	auto_(chain) struct chain *chain = chain_of("a:10.1 b:10.2");

	cr_expect_eq(chain_free_handle(chain, 10, chain->filters[0]), 1);
	cr_expect_eq(chain_free_handle(chain, 10, chain->filters[1]), 2);
	cr_expect_eq(chain_free_handle(chain, 10, NULL), 3);
}

Test(chain, keeps_one_hook_for_each_device_and_side)
{
	auto_(chain) struct chain *chain = chain_of("a");

	cr_assert_eq(chain_add_hook(chain, "eth0", 2, DAISY_AT_INGRESS), 0);
	cr_assert_eq(chain_add_hook(chain, "eth0", 2, DAISY_AT_EGRESS), 0);
	cr_assert_eq(chain_add_hook(chain, NULL, 3, DAISY_AT_INGRESS), 0);
	cr_expect_eq(chain_add_hook(chain, "other", 2, DAISY_AT_EGRESS), -EEXIST);
	cr_expect_eq(chain->hook_count, 3);
	cr_expect_eq(chain_find_hook(chain, 2, DAISY_AT_EGRESS), &chain->hooks[1]);
	cr_expect_null(chain_find_hook(chain, 3, DAISY_AT_EGRESS));
}

Test(chain, removes_one_hook_and_keeps_the_others)
{
	auto_(chain) struct chain *chain = chain_of("a");

	cr_assert_eq(chain_add_hook(chain, "x", 1, DAISY_AT_INGRESS), 0);
	cr_assert_eq(chain_add_hook(chain, "y", 2, DAISY_AT_INGRESS), 0);
	cr_assert_eq(chain_add_hook(chain, "z", 3, DAISY_AT_INGRESS), 0);
	chain_remove_hook(chain, &chain->hooks[1]);
	cr_assert_eq(chain->hook_count, 2);
	cr_expect_str_eq(chain->hooks[0].dev, "x");
	cr_expect_str_eq(chain->hooks[1].dev, "z");
	chain_remove_hook(chain, &chain->hooks[1]);
	chain_remove_hook(chain, &chain->hooks[0]);
	cr_expect_eq(chain->hook_count, 0);
}

Test(chain, copy_of_a_filter_shares_nothing)
{
	auto_(filter) struct filter *filter = filter_of("a:10.3@you");
	auto_(filter) struct filter *copy = NULL;

	filter->classid = 0x10010;
	filter->flags = DAISY_F_CLASSIFY;
	filter->continue_on = 1U << DAISY_OK;
	filter->prog_id = 5;
	filter->tag[7] = 9;
	filter->reload = filter->fresh_maps = true;
	filter->line = 12;
	cr_assert_eq(filter_copy(filter, &copy), 0);
	cr_expect(filter_options_same(filter, copy));
	cr_expect(source_same(&filter->source, &copy->source));
	cr_expect_eq(copy->prio, 10);
	cr_expect_eq(copy->handle, 3);
	cr_expect_eq(copy->prog_id, 5);
	cr_expect_eq(copy->tag[7], 9);
	cr_expect(copy->reload && copy->fresh_maps);
	cr_expect_eq(copy->line, 12);
	filter->name[0] = filter->owner[0] = filter->source.path[0] = '!';
	cr_expect_str_eq(copy->name, "a");
	cr_expect_str_eq(copy->owner, "you");
	cr_expect_str_eq(copy->source.path, "/o/a.o");
}

Test(chain, copy_of_a_chain_shares_nothing)
{
	auto_(chain) struct chain *chain = running_of("a:10.1 b:20.1");
	auto_(chain) struct chain *copy = NULL;

	chain->engine = DAISY_ENGINE_FUSED;
	chain->line = 3;
	cr_assert_eq(chain_add_hook(chain, "eth0", 2, DAISY_AT_EGRESS), 0);
	cr_assert_eq(chain_add_hook(chain, NULL, 3, DAISY_AT_EGRESS), 0);
	chain->hooks[0].flags = DAISY_HOOK_CLSACT;
	chain->hooks[0].prio = 49;
	chain->hooks[0].handle = 1;
	chain->hooks[0].prog_id = 99;
	cr_assert_eq(chain_copy(chain, &copy), 0);
	chain->hooks[0].dev[0] = chain->filters[0]->name[0] = chain->name[0] = '!';
	cr_expect_str_eq(copy->name, "edge");
	cr_expect_eq(copy->revision, 7);
	cr_expect_eq(copy->engine, DAISY_ENGINE_FUSED);
	cr_expect_eq(copy->line, 3);
	expect_numbers(copy, "a:10.1 b:20.1");
	cr_assert_eq(copy->hook_count, 2);
	cr_expect_str_eq(copy->hooks[0].dev, "eth0");
	cr_expect_null(copy->hooks[1].dev);
	cr_expect_eq(copy->hooks[0].flags, DAISY_HOOK_CLSACT);
	cr_expect_eq(copy->hooks[0].prio, 49);
	cr_expect_eq(copy->hooks[0].handle, 1);
	cr_expect_eq(copy->hooks[0].prog_id, 99);
}

Test(chain, copy_of_a_source_frees_what_was_there)
{
	struct source from = object("/o/a.o", "tc", "meter");
	struct source to = { 0 };

	cr_assert_eq(source_copy(&to, &from), 0);
	from.path = (char *)"/o/b.o";
	cr_assert_eq(source_copy(&to, &from), 0);
	cr_expect_str_eq(to.path, "/o/b.o");
	cr_expect_str_eq(to.section, "tc");
	cr_expect_str_eq(to.symbol, "meter");
	source_clear(&to);
	cr_expect_null(to.path);
	cr_expect_eq(to.kind, DAISY_SOURCE_NONE);
}

Test(chain, sources_differ_by_kind_path_and_id)
{
	struct source a = object("/o/a.o", NULL, NULL), b = object("/o/b.o", NULL, NULL);
	struct source pin = { .kind = DAISY_SOURCE_PINNED, .path = (char *)"/o/a.o" };
	struct source pin_b = { .kind = DAISY_SOURCE_PINNED, .path = (char *)"/o/b.o" };
	struct source id = { .kind = DAISY_SOURCE_ID, .id = 4 }, id_5 = { .kind = DAISY_SOURCE_ID, .id = 5 };

	cr_expect(source_same(&a, &a) && source_same(&pin, &pin) && source_same(&id, &id));
	cr_expect_not(source_same(&a, &b));
	cr_expect_not(source_same(&a, &pin));
	cr_expect_not(source_same(&pin, &pin_b));
	cr_expect_not(source_same(&id, &id_5));
}

Test(chain, a_digest_counts_only_where_the_user_gave_one)
{
	struct source present = object("/o/a.o", NULL, NULL), wanted = present;

	present.has_digest = true;
	present.digest[31] = 1;
	cr_expect(source_same(&present, &wanted));
	wanted = present;
	cr_expect(source_same(&present, &wanted));
	wanted.digest[31] = 2;
	cr_expect_not(source_same(&present, &wanted));
	wanted = present;
	present.has_digest = false;
	cr_expect_not(source_same(&present, &wanted));
}

Test(chain, a_found_program_is_the_same_as_the_one_named_alike)
{
	struct source found = object("/o/a.o", "tc", "meter");
	struct source section = object("/o/a.o", "tc", NULL), symbol = object("/o/a.o", NULL, "meter");

	section.section_named = symbol.symbol_named = true;
	cr_expect(source_same(&found, &section));
	cr_expect(source_same(&found, &symbol));
	section.section = (char *)"tc/other";
	symbol.symbol = (char *)"other";
	cr_expect_not(source_same(&found, &section));
	cr_expect_not(source_same(&found, &symbol));
}

Test(chain, a_named_program_is_not_whatever_would_be_found)
{
	struct source section = object("/o/a.o", "tc", "meter"), symbol = section;
	struct source unnamed = object("/o/a.o", NULL, NULL);

	section.section_named = symbol.symbol_named = true;
	cr_expect_not(source_same(&section, &unnamed));
	cr_expect_not(source_same(&symbol, &unnamed));
	/* Other programs may share the section with the symbol. */
	cr_expect_not(source_same(&symbol, &section));
	cr_expect(source_same(&section, &symbol));
}

Test(chain, options_are_all_but_program_prio_and_handle)
{
	auto_(filter) struct filter *a = filter_of("a:10.1"), *b = filter_of("a:20.2");

	text_set(&b->source.path, "/o/b.o");
	b->prog_id = 9;
	b->tag[0] = 9;
	b->line = 4;
	b->reload = true;
	b->flags = DAISY_F_IN_HW;
	cr_expect(filter_options_same(a, b));
	filter_free(TAKE_PTR(b));
	b = filter_of("b");
	cr_expect_not(filter_options_same(a, b));
	filter_free(TAKE_PTR(b));
	b = filter_of("a@you");
	cr_expect_not(filter_options_same(a, b));
}

Test(chain, options_differ_by_classid_flags_and_continue_on)
{
	auto_(filter) struct filter *a = filter_of("a"), *b = filter_of("a");

	b->classid = 1;
	cr_expect_not(filter_options_same(a, b));
	b->classid = 0;
	b->flags = DAISY_F_SKIP_HW;
	cr_expect_not(filter_options_same(a, b));
	b->flags = 0;
	b->continue_on = 1U << DAISY_OK;
	cr_expect_not(filter_options_same(a, b));
	b->continue_on = 0;
	cr_expect(filter_options_same(a, b));
}
