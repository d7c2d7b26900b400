// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* loader/show.c: the table that people read. */
#include "views.h"

static const struct show_style bare, stats = { .stats = true };

static void object_of(struct filter *filter, const char *section)
{
	text_set(&filter->source.section, section);
}

/* A hook with two filters between foreign ones, and counts. */
static void view_busy(struct view *view)
{
	struct view_hook *hook = view_add(view, "eth0", DAISY_AT_INGRESS, "edge");

	object_of(view_add_filter(hook, "meter:10.1"), "tc");
	object_of(view_add_filter(hook, "no-telnet:20.1@security"), "classifier");
	hook->total = (struct daisy_count){ 1000, 64000 };
	hook->filters[0].reached = hook->total;
	hook->filters[0].by[DAISY_UNSPEC].packets = 990;
	hook->filters[0].by[DAISY_SHOT].packets = 10;
	hook->filters[1].reached = (struct daisy_count){ 990, 63360 };
	hook->filters[1].by[DAISY_OK].packets = 990;
	view_add_foreign(hook, VIEW_BEFORE, "cls_bpf", 1, "cilium")->prog_id = 99;
	hook->foreign[0].handle = 1;
	view_add_foreign(hook, VIEW_AFTER, "u32", 60, NULL)->handle = 0x80000800;
}

Test(show, nothing_is_said_in_one_line)
{
	struct view view = { 0 };
	auto_(mem) char *text = text_of(&view, bare);

	cr_expect_str_eq(text, "no chains\n");
}

Test(show, filters_stand_in_run_order_with_foreign_ones_in_their_place)
{
	auto_(view) struct view view = { 0 };
	auto_(mem) char *text = NULL;

	view_busy(&view);
	text = text_of(&view, bare);
	cr_expect_str_eq(text,
		"eth0 ingress: chain 'edge' revision 7, engine tailcall, clsact prio 49 handle 1 prog-id 312\n"
		"  #       FILTER     OWNER      PRIO      HANDLE  MODE  PROGRAM                 PROG-ID\n"
		"  before  cilium     (foreign)     1           1  -     cls_bpf                      99\n"
		"  1       meter      me           10           1  da    meter.o tc                  100\n"
		"  2       no-telnet  security     20           1  da    no-telnet.o classifier      101\n"
		"  after   -          (foreign)    60  0x80000800  -     u32                           -\n");
}

Test(show, stats_tell_what_reached_a_filter_and_how_it_ended)
{
	auto_(view) struct view view = { 0 };
	auto_(mem) char *text = NULL;

	view_busy(&view);
	text = text_of(&view, stats);
	expect_holds(text, "prog-id 312, 1000 packets, 64000 bytes\n");
	expect_holds(text, "PACKETS  BYTES  VERDICTS\n");
	expect_holds(text, "   1000  64000  unspec 990, shot 10\n");
	expect_holds(text, "    990  63360  ok 990\n");
	expect_holds(text, "      -      -  -\n");
}

Test(show, missing_packets_come_first)
{
	auto_(view) struct view view = { 0 };
	auto_(mem) char *text = NULL, *coloured = NULL;

	view_busy(&view);
	view.hooks[0].filters[0].missing = 3;
	text = text_of(&view, stats);
	expect_holds(text, "  MISSING 3, unspec 990, shot 10\n");
	coloured = text_of(&view, (struct show_style){ .stats = true, .colour = true });
	expect_holds(coloured, "  \033[31mMISSING 3\033[0m, unspec 990, \033[31mshot 10\033[0m\n");
}

Test(show, colour_is_only_in_colour)
{
	auto_(view) struct view view = { 0 };
	auto_(mem) char *text = NULL, *coloured = NULL;

	view_busy(&view);
	text = text_of(&view, stats);
	expect_lacks(text, "\033");
	coloured = text_of(&view, (struct show_style){ .colour = true });
	expect_holds(coloured, "\033[1meth0 ingress:\033[0m chain");
	expect_holds(coloured, "\n\033[2m  before  cilium");
	expect_holds(coloured, "\n  1       meter");
}

static void expect_packets(uint64_t packets, bool si, const char *words)
{
	auto_(view) struct view view = { 0 };
	auto_(mem) char *text = NULL;

	view_add(&view, "eth0", DAISY_AT_EGRESS, "edge")->total.packets = packets;
	text = text_of(&view, (struct show_style){ .stats = true, .si = si });
	expect_holds(text, words);
}

Test(show, si_units_keep_three_digits_and_never_overstate)
{
	expect_packets(0, true, ", 0 packets");
	expect_packets(999, true, ", 999 packets");
	expect_packets(1000, true, ", 1.00k packets");
	expect_packets(12345, true, ", 12.3k packets");
	expect_packets(999999, true, ", 999k packets");
	expect_packets(4567890, true, ", 4.56M packets");
	expect_packets(7000000000, true, ", 7.00G packets");
	expect_packets(UINT64_MAX, true, ", 18.4E packets");
	expect_packets(UINT64_MAX, false, ", 18446744073709551615 packets");
}

Test(show, a_program_reads_as_it_was_named)
{
	auto_(view) struct view view = { 0 };
	auto_(mem) char *text = NULL;
	struct view_hook *hook = view_add(&view, "eth0", DAISY_AT_INGRESS, "edge");
	struct filter *symbol = view_add_filter(hook, "symbol:10.1");
	struct filter *pinned = view_add_filter(hook, "pinned:20.1");
	struct filter *id = view_add_filter(hook, "id:30.1");

	object_of(symbol, "tc");
	text_set(&symbol->source.symbol, "count_all");
	symbol->source.symbol_named = true;
	pinned->source.kind = DAISY_SOURCE_PINNED;
	text_set(&pinned->source.path, "/sys/fs/bpf/shape");
	id->source = (struct source){ .kind = DAISY_SOURCE_ID, .path = id->source.path, .id = 4711 };
	text = text_of(&view, bare);
	expect_holds(text, "  symbol.o count_all  ");
	expect_holds(text, "  /sys/fs/bpf/shape  ");
	expect_holds(text, "  id 4711  ");
}

Test(show, options_have_columns_only_when_set)
{
	auto_(view) struct view view = { 0 };
	auto_(mem) char *without = NULL, *with = NULL;
	struct filter *filter;

	view_busy(&view);
	without = text_of(&view, bare);
	expect_lacks(without, "CONTINUE-ON");
	expect_lacks(without, "CLASSID");
	filter = view.hooks[0].filters[0].filter;
	filter->continue_on = 1U << DAISY_OK | 1U << DAISY_STOLEN;
	filter->classid = 0x10010;
	filter->flags = DAISY_F_CLASSIFY | DAISY_F_SKIP_HW;
	with = text_of(&view, bare);
	expect_holds(with, "  100  ok,stolen\n");
	expect_holds(with, "  1:10     classify,skip_hw  ");
}

Test(show, a_damaged_chain_says_what_to_do)
{
	auto_(view) struct view view = { 0 };
	auto_(mem) char *text = NULL;

	view_busy(&view);
	view.hooks[0].damaged = true;
	text = text_of(&view, bare);
	expect_holds(text, "\n  damaged: ");
	expect_holds(text, "any change of the chain rebuilds it\n  #");
}

Test(show, hooks_are_blocks_and_one_may_hold_only_foreign_filters)
{
	auto_(view) struct view view = { 0 };
	auto_(mem) char *text = NULL;
	struct view_hook *hook;

	hook = view_add(&view, NULL, DAISY_AT_INGRESS, "edge");
	view_add_filter(hook, "a:10.1");
	hook = view_add(&view, "eth1", DAISY_AT_EGRESS, NULL);
	view_add_foreign(hook, VIEW_BEFORE, "tcx", 0, "meter")->prog_id = 7;
	text = text_of(&view, stats);
	expect_holds(text, "#2 ingress: chain 'edge' ");
	expect_holds(text, "\n\neth1 egress: no chain of daisy\n"
		     "  FILTER  OWNER      PROGRAM  PROG-ID\n"
		     "  meter   (foreign)  tcx            7\n");
}

Test(show, names_cannot_rule_the_terminal)
{
	auto_(view) struct view view = { 0 };
	auto_(mem) char *text = NULL;
	struct view_hook *hook = view_add(&view, "eth0\033c", DAISY_AT_INGRESS, "ed\nge");

	text_set(&view_add_filter(hook, "a:10.1")->name, "\033[2J");
	view_add_foreign(hook, VIEW_AFTER, "cls_bpf", 1, "x\x9b\xff");
	text = text_of(&view, stats);
	expect_lacks(text, "\033");
	expect_holds(text, "eth0\\x1bc ingress: chain 'ed\\x0age'");
	expect_holds(text, "\\x1b[2J");
	expect_holds(text, "x\\x9b\\xff");
}

Test(show, no_line_ends_in_blanks)
{
	auto_(view) struct view view = { 0 };
	auto_(mem) char *text = NULL;

	view_busy(&view);
	text = text_of(&view, bare);
	expect_lacks(text, " \n");
}

Test(show, a_full_disk_is_told)
{
	auto_(view) struct view view = { 0 };
	auto_(file) FILE *full = full_file();

	view_busy(&view);
	cr_expect_eq(show_text(&view, &bare, full), -ENOSPC);
	expect_sentence(ERROR_FAILED, "cannot write", "No space left");
}
