// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * loader/cli_*.c: words become a request, or one sentence that names the word.
 * No command is run and no kernel asked.
 */
#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <string.h>

#include "cli.h"

#define ADD (TAKES_FILTER | TAKES_NUMBERS | TAKES_PLACE | TAKES_CHANGE)

/* One command line, taken apart at blanks; '' is an empty word, + a blank within one. */
struct line {
	struct cli cli;
	struct request request;
	char *words[64];
	char text[2048];
};

static void line_end(struct line line)
{
	cli_clear(&line.cli);
}

DEFINE_CLEANUP(line, struct line, line_end)

static size_t line_split(struct line *line, const char *text)
{
	char *rest = line->text, *word;
	size_t count = 0;

	cr_assert_lt(strlen(text), sizeof(line->text));
	strcpy(line->text, text);
	while ((word = strsep(&rest, " "))) {
		if (strcmp(word, "''") == 0)
			*word = '\0';
		for (char *blank = word; (blank = strchr(blank, '+')); blank++)
			*blank = ' ';
		line->words[count++] = word;
	}
	return count;
}

static void line_begin(struct line *line, const char *text)
{
	memset(line, 0, sizeof(*line));
	line->cli.count = line_split(line, text);
	line->cli.words = line->words;
	line->cli.next = 1;
}

/* "COMMAND TARGET NAME ..." */
static int filter_parse(struct line *line, unsigned int takes, const char *text)
{
	line_begin(line, text);
	return request_filter(&line->cli, takes, &line->request);
}

/* "COMMAND ..." */
static int options_parse(struct line *line, unsigned int takes, const char *text)
{
	line_begin(line, text);
	return request_options(&line->cli, takes, &line->request);
}

static int global_parse(struct line *line, const char *text)
{
	memset(line, 0, sizeof(*line));
	return cli_parse_global(&line->cli, (int)line_split(line, text), line->words);
}

static void expect_refused(const struct line *line, int r, const char *sentence)
{
	cr_expect_eq(r, -EINVAL, "%d for: %s", r, sentence);
	cr_expect_eq(line->cli.kind, DAISY_ERROR_INPUT);
	cr_assert_not_null(line->cli.error, "no sentence instead of: %s", sentence);
	cr_expect_str_eq(line->cli.error, sentence);
}

/* A filter called n, from f, on eth0's ingress: what stands behind it is refused. */
static void expect_option_refused(const char *options, const char *sentence)
{
	auto_(line) struct line line;
	auto_(mem) char *text = text_format("add dev eth0 ingress n obj f %s", options);

	expect_refused(&line, filter_parse(&line, ADD, text), sentence);
}

static void expect_option_unsupported(const char *options, const char *word)
{
	auto_(line) struct line line;
	auto_(mem) char *text = text_format("add dev eth0 ingress n obj f %s", options);
	auto_(mem) char *sentence = text_format("%s is not supported yet", word);

	cr_expect_eq(filter_parse(&line, ADD, text), -EOPNOTSUPP, "%s", options);
	cr_expect_eq(line.cli.kind, DAISY_ERROR_FAILED);
	cr_expect_str_eq(line.cli.error, sentence);
}

static void expect_program_refused(const char *program, const char *sentence)
{
	auto_(line) struct line line;
	auto_(mem) char *text = text_format("add chain c n %s", program);

	expect_refused(&line, filter_parse(&line, ADD, text), sentence);
}

static void expect_program_unsupported(const char *program, const char *word)
{
	auto_(line) struct line line;
	auto_(mem) char *text = text_format("add chain c n %s", program);
	auto_(mem) char *sentence = text_format("%s is not supported yet", word);

	cr_expect_eq(filter_parse(&line, ADD, text), -EOPNOTSUPP, "%s", program);
	cr_expect_str_eq(line.cli.error, sentence);
}

Test(cli, a_target_may_be_a_hook)
{
	auto_(line) struct line line;

	cr_assert_eq(filter_parse(&line, ADD, "add dev eth0 egress n obj f"), 0);
	cr_expect_str_eq(line.request.target.dev, "eth0");
	cr_expect_eq(line.request.target.at, DAISY_AT_EGRESS);
	cr_expect_null(line.request.target.chain);
	cr_expect_str_eq(line.request.name, "n");
}

Test(cli, a_target_may_be_a_chain)
{
	auto_(line) struct line line;

	cr_assert_eq(filter_parse(&line, TAKES_CHANGE, "del chain edge n"), 0);
	cr_expect_str_eq(line.request.target.chain, "edge");
	cr_expect_null(line.request.target.dev);
}

Test(cli, a_word_of_the_language_may_be_a_name)
{
	auto_(line) struct line line;

	cr_assert_eq(filter_parse(&line, ADD, "add chain dev prio obj before before obj"), 0);
	cr_expect_str_eq(line.request.target.chain, "dev");
	cr_expect_str_eq(line.request.name, "prio");
	cr_expect_str_eq(line.request.program.path, "before");
	cr_expect_str_eq(line.request.change.before, "obj");
}

Test(cli, a_wrong_target_is_refused)
{
	static const char *const refused[][2] = {
		{ "del device eth0 ingress n", "'device' begins no target: dev DEV HOOK or chain NAME" },
		{ "del dev", "DEV is missing after 'dev'" },
		{ "del dev ''", "DEV after 'dev' is empty" },
		{ "del dev eth0", "HOOK is missing after 'eth0'" },
		{ "del dev eth0 in n", "'in' is no hook: ingress, egress, parent MAJ:MIN or xdp" },
		{ "del dev eth0 parent n", "parent 'n' is not MAJ:MIN, two hexadecimal numbers up to ffff" },
		{ "del dev eth0 parent", "MAJ:MIN is missing after 'parent'" },
		{ "del chain", "NAME is missing after 'chain'" },
		{ "del chain '' n", "NAME after 'chain' is empty" },
		{ "del chain c", "NAME is missing after 'c'" },
		{ "del chain c ''", "NAME after 'c' is empty" },
		{ "del", "TARGET is missing after 'del'" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		auto_(line) struct line line;

		expect_refused(&line, filter_parse(&line, TAKES_CHANGE, refused[i][0]), refused[i][1]);
	}
}

Test(cli, hooks_of_the_contract_are_not_supported_yet)
{
	auto_(line) struct line xdp, parent;

	cr_expect_eq(filter_parse(&xdp, TAKES_CHANGE, "del dev eth0 xdp n"), -EOPNOTSUPP);
	cr_expect_str_eq(xdp.cli.error, "xdp is not supported yet");
	cr_expect_eq(filter_parse(&parent, TAKES_CHANGE, "del dev eth0 parent 1:10 n"), -EOPNOTSUPP);
	cr_expect_str_eq(parent.cli.error, "parent is not supported yet");
}

Test(cli, a_filter_name_has_at_most_255_bytes)
{
	auto_(line) struct line line, longer;
	char name[257], text[300];

	memset(name, 'a', 256);
	name[256] = '\0';
	snprintf(text, sizeof(text), "del chain c %s", name + 1);
	cr_expect_eq(filter_parse(&line, TAKES_CHANGE, text), 0);
	snprintf(text, sizeof(text), "del chain c %s", name);
	expect_refused(&longer, filter_parse(&longer, TAKES_CHANGE, text),
		       "NAME 'aaaaaaaaaaaaaaaaaaaa...' has more than 255 bytes");
}

Test(cli, a_chain_name_has_at_most_63_bytes)
{
	auto_(line) struct line line, longer;
	char name[65], text[100];

	memset(name, 'a', 64);
	name[64] = '\0';
	snprintf(text, sizeof(text), "del chain %s n", name + 1);
	cr_expect_eq(filter_parse(&line, TAKES_CHANGE, text), 0);
	snprintf(text, sizeof(text), "del chain %s n", name);
	expect_refused(&longer, filter_parse(&longer, TAKES_CHANGE, text),
		       "NAME 'aaaaaaaaaaaaaaaaaaaa...' has more than 63 bytes");
}

Test(cli, a_program_may_be_an_object)
{
	auto_(line) struct line plain, section, symbol;

	cr_assert_eq(filter_parse(&plain, ADD, "add chain c n obj f.o"), 0);
	cr_expect_eq(plain.request.program.kind, DAISY_SOURCE_OBJECT);
	cr_expect_str_eq(plain.request.program.path, "f.o");
	cr_expect_null(plain.request.program.section);
	cr_expect_null(plain.request.program.symbol);
	cr_assert_eq(filter_parse(&section, ADD, "add chain c n obj f.o sec tc"), 0);
	cr_expect_str_eq(section.request.program.section, "tc");
	cr_assert_eq(filter_parse(&symbol, ADD, "add chain c n obj f.o prog main"), 0);
	cr_expect_str_eq(symbol.request.program.symbol, "main");
}

Test(cli, a_program_may_be_pinned_or_an_id)
{
	auto_(line) struct line pinned, id, most;

	cr_assert_eq(filter_parse(&pinned, ADD, "add chain c n pinned /sys/fs/bpf/x"), 0);
	cr_expect_eq(pinned.request.program.kind, DAISY_SOURCE_PINNED);
	cr_expect_str_eq(pinned.request.program.path, "/sys/fs/bpf/x");
	cr_assert_eq(filter_parse(&id, ADD, "add chain c n id 0x1F"), 0);
	cr_expect_eq(id.request.program.kind, DAISY_SOURCE_ID);
	cr_expect_eq(id.request.program.id, 31);
	cr_assert_eq(filter_parse(&most, ADD, "add chain c n id 4294967295"), 0);
	cr_expect_eq(most.request.program.id, UINT32_MAX);
}

Test(cli, a_wrong_program_is_refused)
{
	expect_program_refused("prio 1", "PROGRAM is missing: obj FILE, pinned PATH or id N");
	expect_program_refused("f.o", "unknown word 'f.o'");
	expect_program_refused("obj", "FILE is missing after 'obj'");
	expect_program_refused("obj ''", "FILE after 'obj' is empty");
	expect_program_refused("pinned", "PATH is missing after 'pinned'");
	expect_program_refused("id 0", "id '0' is not a number from 1 to 4294967295");
	expect_program_refused("id 4294967296", "id '4294967296' is not a number from 1 to 4294967295");
	expect_program_refused("id x", "id 'x' is not a number from 1 to 4294967295");
	expect_program_refused("id -1", "id '-1' is not a number from 1 to 4294967295");
	expect_program_refused("obj f sec", "SECTION is missing after 'sec'");
	expect_program_refused("obj f sec a prog b", "sec and prog exclude one another");
	expect_program_refused("id 7 sec a", "sec belongs to obj FILE, not to id");
	expect_program_refused("pinned p prog b", "prog belongs to obj FILE, not to pinned");
}

Test(cli, two_programs_are_refused)
{
	expect_program_refused("obj f obj g", "'obj' is given twice");
	expect_program_refused("obj f pinned g", "obj and pinned exclude one another");
	expect_program_refused("match tcp id 7", "id and match exclude one another");
}

Test(cli, programs_of_the_contract_are_not_supported_yet)
{
	expect_program_unsupported("bytecode 1,6+0+0+0", "bytecode");
	expect_program_unsupported("bytecode 2,0x28+0+0+12,6+0+0+4294967295,", "bytecode");
	expect_program_unsupported("bytecode-file f", "bytecode-file");
	expect_program_unsupported("match tcp+port+80", "match");
}

Test(cli, wrong_bytecode_is_refused)
{
	static const char *const wrong[] = {
		"0,", "1", "1,", "x,6 0 0 0", "4097,6 0 0 0", "1,6 0 0", "1,6 0 0 0 0", "1,6 0 0 4294967296",
		"1,65536 0 0 0", "1,6 256 0 0", "2,6 0 0 0", "1,6 0 0 0,6 0 0 0", "1,6 0 0 0,,", ",6 0 0 0",
	};

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		char *words[] = { "add", "chain", "c", "n", "bytecode", (char *)wrong[i] };
		auto_(cli) struct cli cli = { .words = words, .count = ARRAY_SIZE(words), .next = 1 };
		struct request request = { 0 };

		cr_expect_eq(request_filter(&cli, ADD, &request), -EINVAL, "%s", wrong[i]);
	}
}

Test(cli, options_come_in_any_order)
{
	auto_(line) struct line line;
	const struct daisy_change *change = &line.request.change;

	cr_assert_eq(filter_parse(&line, ADD, "add chain c n --force obj f --expect 0x10 handle 0x7fffffff sec tc "
				  "prio 65535 --dry-run da engine tailcall"), 0);
	cr_expect_eq(change->size, sizeof(*change));
	cr_expect_eq(change->prio, 65535);
	cr_expect_eq(change->handle, 0x7fffffff);
	cr_expect(change->set_expect);
	cr_expect_eq(change->expect, 16);
	cr_expect(change->force);
	cr_expect(change->dry_run);
	cr_expect_str_eq(line.request.program.section, "tc");
}

Test(cli, without_options_everything_is_the_default)
{
	auto_(line) struct line line;
	const struct daisy_change wanted = { .size = sizeof(wanted) };

	cr_assert_eq(filter_parse(&line, ADD, "add chain c n obj f"), 0);
	cr_expect_eq(memcmp(&line.request.change, &wanted, sizeof(wanted)), 0);
}

Test(cli, continue_on_takes_a_list_of_verdicts)
{
	auto_(line) struct line line;

	cr_assert_eq(filter_parse(&line, ADD, "add chain c n obj f continue-on ok,redirect"), 0);
	cr_expect(line.request.change.set_continue_on);
	cr_expect_eq(line.request.change.continue_on, 1U << DAISY_OK | 1U << DAISY_REDIRECT);
	expect_option_refused("continue-on", "VERDICT is missing after 'continue-on'");
	expect_option_refused("continue-on pass", "continue-on 'pass': 'pass' is no verdict: "
			      "unspec, ok, shot, stolen, trap or redirect");
	expect_option_refused("continue-on ok,", "continue-on 'ok,': '' is no verdict: "
			      "unspec, ok, shot, stolen, trap or redirect");
}

Test(cli, numbers_out_of_range_are_refused)
{
	expect_option_refused("prio 0", "prio '0' is not a number from 1 to 65535");
	expect_option_refused("prio 65536", "prio '65536' is not a number from 1 to 65535");
	expect_option_refused("prio 1x", "prio '1x' is not a number from 1 to 65535");
	expect_option_refused("prio", "a number is missing after 'prio'");
	expect_option_refused("prio ''", "a number after 'prio' is empty");
	expect_option_refused("handle 0", "handle '0' is not a number from 1 to 2147483647");
	expect_option_refused("handle 0x80000000", "handle '0x80000000' is not a number from 1 to 2147483647");
	expect_option_refused("--expect 4294967296", "--expect '4294967296' is not a number from 0 to 4294967295");
	expect_option_refused("--expect 99999999999999999999",
			      "--expect '99999999999999999999' is not a number from 0 to 4294967295");
}

Test(cli, an_option_twice_is_refused)
{
	expect_option_refused("prio 1 prio 1", "'prio' is given twice");
	expect_option_refused("--force --force", "'--force' is given twice");
	expect_option_refused("sec a sec b", "'sec' is given twice");
	expect_option_refused("continue-on ok continue-on shot", "'continue-on' is given twice");
	expect_option_refused("-j --json", "'--json' is given twice");
}

Test(cli, places_that_contradict_are_refused)
{
	expect_option_refused("prio 1 before a", "prio and before exclude one another");
	expect_option_refused("after a prio 1", "prio and after exclude one another");
	expect_option_refused("before a after b", "before and after exclude one another");
}

Test(cli, options_that_contradict_are_refused)
{
	expect_option_refused("da classify", "da and classify exclude one another");
	expect_option_refused("skip_sw skip_hw", "skip_sw and skip_hw exclude one another");
}

Test(cli, an_unknown_word_is_refused)
{
	expect_option_refused("priority 1", "unknown word 'priority'");
	expect_option_refused("pri 1", "unknown word 'pri'");
	expect_option_refused("--forc", "unknown word '--forc'");
	expect_option_refused("--fresh-maps", "unknown word '--fresh-maps'");
	expect_option_refused("--stats", "unknown word '--stats'");
	expect_option_refused("''", "a word is empty after 'f'");
}

Test(cli, options_of_the_contract_are_not_supported_yet)
{
	expect_option_unsupported("classid 1:10", "classid");
	expect_option_unsupported("classid 0xffff:", "classid");
	expect_option_unsupported("classify", "classify");
	expect_option_unsupported("skip_sw", "skip_sw");
	expect_option_unsupported("skip_hw", "skip_hw");
	expect_option_unsupported("engine fused", "engine fused");
	expect_option_unsupported("engine kernel", "engine kernel");
}

Test(cli, actions_are_not_supported_yet)
{
	static const char *const options[] = {
		"action pass", "action drop", "action stolen", "action trap", "action mark 0xffffffff",
		"action priority 1:10", "action redirect dev eth1", "action redirect dev eth1 ingress",
		"action mirror dev eth1 ingress prio 7",
	};

	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		expect_option_unsupported(options[i], "action");
}

Test(cli, what_is_not_supported_must_still_be_well_formed)
{
	expect_option_refused("classid 110", "classid '110' is not MAJ:MIN, two hexadecimal numbers up to ffff");
	expect_option_refused("classid :10", "classid ':10' is not MAJ:MIN, two hexadecimal numbers up to ffff");
	expect_option_refused("classid 1:10000", "classid '1:10000' is not MAJ:MIN, two hexadecimal numbers up to ffff");
	expect_option_refused("classid 1:g", "classid '1:g' is not MAJ:MIN, two hexadecimal numbers up to ffff");
	expect_option_refused("engine fast", "'fast' is no engine: tailcall, fused or kernel");
	expect_option_refused("action", "ACTION is missing after 'action'");
	expect_option_refused("action jump",
			      "'jump' is no action: pass, drop, stolen, trap, mark, priority, redirect or mirror");
	expect_option_refused("action mark x", "mark 'x' is not a number from 0 to 4294967295");
	expect_option_refused("action redirect eth1", "'eth1' stands where 'dev' belongs");
	expect_option_refused("action mirror dev", "DEV is missing after 'dev'");
}

Test(cli, a_wrong_line_is_wrong_whatever_is_not_supported_in_it)
{
	expect_option_refused("classid 1:10 prio 0", "prio '0' is not a number from 1 to 65535");
	expect_program_refused("match tcp sec a", "sec belongs to obj FILE, not to match");
}

Test(cli, fresh_maps_belong_to_replace)
{
	auto_(line) struct line line;

	cr_assert_eq(filter_parse(&line, ADD | TAKES_REPLACE, "replace chain c n obj f --fresh-maps"), 0);
	cr_expect(line.request.change.fresh_maps);
}

Test(cli, del_takes_no_place_and_no_program)
{
	auto_(line) struct line prio, program;

	expect_refused(&prio, filter_parse(&prio, TAKES_CHANGE, "del chain c n prio 1"), "unknown word 'prio'");
	expect_refused(&program, filter_parse(&program, TAKES_CHANGE, "del chain c n obj f"), "unknown word 'obj'");
}

Test(cli, move_takes_a_place)
{
	auto_(line) struct line line;

	cr_assert_eq(filter_parse(&line, TAKES_PLACE | TAKES_CHANGE, "move chain c n after m --expect 3"), 0);
	cr_expect_str_eq(line.request.change.after, "m");
	cr_expect_eq(line.request.change.expect, 3);
}

Test(cli, show_takes_a_target_and_stats_in_any_order)
{
	auto_(line) struct line none, chain, hook;
	unsigned int takes = TAKES_TARGET | TAKES_STATS;

	cr_assert_eq(options_parse(&none, takes, "show"), 0);
	cr_expect_not(none.request.has_target);
	cr_expect_not(none.request.stats);
	cr_assert_eq(options_parse(&chain, takes, "show -s chain c"), 0);
	cr_expect(chain.request.has_target);
	cr_expect(chain.request.stats);
	cr_assert_eq(options_parse(&hook, takes, "show dev eth0 egress --stats -j"), 0);
	cr_expect_eq(hook.request.target.at, DAISY_AT_EGRESS);
	cr_expect(hook.cli.json);
}

Test(cli, show_takes_one_target)
{
	auto_(line) struct line both, twice;

	expect_refused(&both, options_parse(&both, TAKES_TARGET, "show chain c dev eth0 ingress"),
		       "dev and chain exclude one another");
	expect_refused(&twice, options_parse(&twice, TAKES_TARGET, "show chain c chain d"), "'chain' is given twice");
}

Test(cli, files_and_options_mix)
{
	auto_(line) struct line line;

	cr_assert_eq(options_parse(&line, TAKES_FILES | TAKES_CHANGE, "apply a.yaml --prune b.yaml --force prio"), 0);
	cr_assert_eq(line.request.file_count, 3);
	cr_expect_str_eq(line.request.files[0], "a.yaml");
	cr_expect_str_eq(line.request.files[1], "b.yaml");
	cr_expect_str_eq(line.request.files[2], "prio");
	cr_expect(line.request.change.prune);
	cr_expect(line.request.change.force);
}

Test(cli, files_are_needed_and_named)
{
	auto_(line) struct line none, empty, option;

	expect_refused(&none, options_parse(&none, TAKES_FILES, "apply --prune"), "FILE is missing");
	expect_refused(&empty, options_parse(&empty, TAKES_FILES, "apply ''"), "a word is empty after 'apply'");
	expect_refused(&option, options_parse(&option, TAKES_FILES, "apply f -x"), "unknown word '-x'");
}

Test(cli, attach_takes_chain_and_hook)
{
	auto_(line) struct line line, order, short_line;

	line_begin(&line, "attach chain c dev eth0 egress");
	cr_assert_eq(request_chain_and_hook(&line.cli, &line.request), 0);
	cr_expect_str_eq(line.request.target.chain, "c");
	cr_expect_str_eq(line.request.target.dev, "eth0");
	cr_expect_eq(line.request.target.at, DAISY_AT_EGRESS);
	line_begin(&order, "attach dev eth0 egress chain c");
	expect_refused(&order, request_chain_and_hook(&order.cli, &order.request), "'dev' stands where 'chain' belongs");
	line_begin(&short_line, "attach chain c");
	expect_refused(&short_line, request_chain_and_hook(&short_line.cli, &short_line.request),
		       "dev is missing after 'c'");
}

Test(cli, global_options_stand_before_the_command)
{
	auto_(line) struct line line;

	cr_assert_eq(global_parse(&line, "daisy -n blue --owner me --json show -s"), 0);
	cr_expect_str_eq(line.cli.netns, "blue");
	cr_expect_str_eq(line.cli.owner, "me");
	cr_expect(line.cli.json);
	cr_expect_eq(line.cli.count, 2);
	cr_expect_str_eq(line.cli.words[0], "show");
	cr_expect_str_eq(cli_next(&line.cli), "-s");
	cr_expect_null(cli_next(&line.cli));
}

Test(cli, help_and_version_are_commands)
{
	static const char *const lines[][2] = {
		{ "daisy -h", "help" }, { "daisy -j --help", "help" },
		{ "daisy -V", "version" }, { "daisy --version", "version" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		auto_(line) struct line line;

		cr_assert_eq(global_parse(&line, lines[i][0]), 0);
		cr_expect_str_eq(line.cli.words[0], lines[i][1]);
	}
}

Test(cli, wrong_global_options_are_refused)
{
	static const char *const refused[][2] = {
		{ "daisy", "a command is missing; 'daisy help' lists them" },
		{ "daisy -j", "a command is missing; 'daisy help' lists them" },
		{ "daisy -x show", "unknown option '-x'; 'daisy help' lists them" },
		{ "daisy --js show", "unknown option '--js'; 'daisy help' lists them" },
		{ "daisy -n", "NAME|PATH is missing after '-n'" },
		{ "daisy -n '' show", "NAME|PATH after '-n' is empty" },
		{ "daisy -o '' show", "NAME after '-o' is empty" },
		{ "daisy -o a --owner b show", "'--owner' is given twice" },
		{ "daisy -n a -n b show", "'-n' is given twice" },
		{ "daisy -j --json show", "'--json' is given twice" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		auto_(line) struct line line;

		expect_refused(&line, global_parse(&line, refused[i][0]), refused[i][1]);
	}
}

Test(cli, a_sentence_is_one_clean_line)
{
	expect_option_refused("a\nb\x1b[2J", "unknown word 'a\\x0ab\\x1b[2J'");
	expect_option_refused("\xff", "unknown word '\\xff'");
}

/* What standard error, or with -j standard output, gets to read of a failure; exit code 2. */
static void expect_report(const struct cli *like, const char *out, const char *err)
{
	auto_(cli) struct cli cli = *like;

	cr_redirect_stdout();
	cr_redirect_stderr();
	cli_fail(&cli, DAISY_ERROR_INPUT, -EINVAL, "a.yaml:3: wrong");
	cr_expect_eq(cli_report(&cli, -EINVAL), 2);
	fflush(stdout);
	fflush(stderr);
	cr_expect_stdout_eq_str(out);
	cr_expect_stderr_eq_str(err);
}

Test(cli, a_failure_is_one_line_of_daisy)
{
	expect_report(&(struct cli){ 0 }, "", "daisy: a.yaml:3: wrong\n");
}

Test(cli, a_files_line_begins_with_the_file)
{
	expect_report(&(struct cli){ .of_file = true }, "", "a.yaml:3: wrong\n");
}

Test(cli, a_file_changes_no_object)
{
	expect_report(&(struct cli){ .json = true, .of_file = true },
		      "{ \"error\": \"a.yaml:3: wrong\", \"errno\": \"EINVAL\" }\n", "");
}
