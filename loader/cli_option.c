// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Everything behind TARGET and NAME: one table of words, in any order, and which
 * of them do not go together. A word that is right but not supported yet is
 * refused last, so that a wrong line is always told to be wrong.
 */
#include "cli.h"

#include <string.h>

static int option_json(struct cli *cli, struct request *request)
{
	if (cli->json)
		return cli_usage(cli, "'%s' is given twice", cli->words[cli->next - 1]);
	cli->json = true;
	return 0;
}

static int option_section(struct cli *cli, struct request *request)
{
	return cli_take(cli, "SECTION", &request->program.section);
}

static int option_symbol(struct cli *cli, struct request *request)
{
	return cli_take(cli, "SYMBOL", &request->program.symbol);
}

static int option_prio(struct cli *cli, struct request *request)
{
	return cli_take_number(cli, 1, UINT16_MAX, &request->change.prio);
}

static int option_handle(struct cli *cli, struct request *request)
{
	return cli_take_number(cli, 1, INT32_MAX, &request->change.handle);
}

static int option_before(struct cli *cli, struct request *request)
{
	return cli_take_name(cli, "NAME", DAISY_NAME_SIZE, &request->change.before);
}

static int option_after(struct cli *cli, struct request *request)
{
	return cli_take_name(cli, "NAME", DAISY_NAME_SIZE, &request->change.after);
}

static int option_classid(struct cli *cli, struct request *request)
{
	request_unsupported(request, "classid");
	return cli_take_classid(cli);
}

/* Objects, pins and ids are direct-action anyway. */
static int option_da(struct cli *cli, struct request *request)
{
	return 0;
}

static int option_classify(struct cli *cli, struct request *request)
{
	request_unsupported(request, "classify");
	return 0;
}

static int option_skip_sw(struct cli *cli, struct request *request)
{
	request_unsupported(request, "skip_sw");
	return 0;
}

static int option_skip_hw(struct cli *cli, struct request *request)
{
	request_unsupported(request, "skip_hw");
	return 0;
}

static int option_engine(struct cli *cli, struct request *request)
{
	const char *word;
	int r;

	r = cli_take(cli, "ENGINE", &word);
	if (r < 0)
		return r;
	if (strcmp(word, "fused") == 0)
		request_unsupported(request, "engine fused");
	else if (strcmp(word, "kernel") == 0)
		request_unsupported(request, "engine kernel");
	else if (strcmp(word, "tailcall") != 0)
		return cli_usage(cli, "'%s' is no engine: tailcall, fused or kernel", word);
	return 0;
}

static int option_continue_on(struct cli *cli, struct request *request)
{
	auto_(mem) char *copy = NULL;
	enum daisy_verdict verdict;
	const char *word;
	char *rest, *name;
	int r;

	r = cli_take(cli, "VERDICT", &word);
	if (r < 0)
		return r;
	rest = copy = strdup(word);
	if (!copy)
		return cli_fail(cli, DAISY_ERROR_FAILED, -ENOMEM, "out of memory");
	while ((name = strsep(&rest, ","))) {
		if (daisy_verdict_parse(name, &verdict) < 0)
			return cli_usage(cli, "continue-on '%s': '%s' is no verdict: unspec, ok, shot, stolen, trap or redirect",
					 word, name);
		request->change.continue_on |= 1U << verdict;
	}
	request->change.set_continue_on = true;
	return 0;
}

static int option_expect(struct cli *cli, struct request *request)
{
	request->change.set_expect = true;
	return cli_take_number(cli, 0, UINT32_MAX, &request->change.expect);
}

static int option_force(struct cli *cli, struct request *request)
{
	request->change.force = true;
	return 0;
}

static int option_dry_run(struct cli *cli, struct request *request)
{
	request->change.dry_run = true;
	return 0;
}

static int option_fresh_maps(struct cli *cli, struct request *request)
{
	request->change.fresh_maps = true;
	return 0;
}

static int option_prune(struct cli *cli, struct request *request)
{
	request->change.prune = true;
	return 0;
}

static int option_stats(struct cli *cli, struct request *request)
{
	request->stats = true;
	return 0;
}

#define TAKES_ANY ~0U	/* every command, also one that takes nothing */

static const struct option {
	const char *word;
	const char *brief;	/* or NULL */
	unsigned int takes;
	bool program;		/* begins a PROGRAM */
	int (*parse)(struct cli *cli, struct request *request);
} options[] = {
	{ "--json", "-j", TAKES_ANY, false, option_json },
	{ "dev", NULL, TAKES_TARGET, false, request_target_dev },
	{ "chain", NULL, TAKES_TARGET, false, request_target_chain },
	{ "obj", NULL, TAKES_FILTER, true, request_program_obj },
	{ "pinned", NULL, TAKES_FILTER, true, request_program_pinned },
	{ "id", NULL, TAKES_FILTER, true, request_program_id },
	{ "bytecode", NULL, TAKES_FILTER, true, request_program_bytecode },
	{ "bytecode-file", NULL, TAKES_FILTER, true, request_program_bytecode_file },
	{ "match", NULL, TAKES_FILTER, true, request_program_match },
	{ "sec", NULL, TAKES_FILTER, false, option_section },
	{ "prog", NULL, TAKES_FILTER, false, option_symbol },
	{ "prio", NULL, TAKES_NUMBERS, false, option_prio },
	{ "handle", NULL, TAKES_NUMBERS, false, option_handle },
	{ "before", NULL, TAKES_PLACE, false, option_before },
	{ "after", NULL, TAKES_PLACE, false, option_after },
	{ "classid", NULL, TAKES_FILTER, false, option_classid },
	{ "da", NULL, TAKES_FILTER, false, option_da },
	{ "classify", NULL, TAKES_FILTER, false, option_classify },
	{ "action", NULL, TAKES_FILTER, false, request_action },
	{ "continue-on", NULL, TAKES_FILTER, false, option_continue_on },
	{ "skip_sw", NULL, TAKES_FILTER, false, option_skip_sw },
	{ "skip_hw", NULL, TAKES_FILTER, false, option_skip_hw },
	{ "engine", NULL, TAKES_FILTER, false, option_engine },
	{ "--expect", NULL, TAKES_CHANGE, false, option_expect },
	{ "--force", NULL, TAKES_CHANGE, false, option_force },
	{ "--dry-run", NULL, TAKES_CHANGE, false, option_dry_run },
	{ "--fresh-maps", NULL, TAKES_REPLACE, false, option_fresh_maps },
	{ "--prune", NULL, TAKES_FILES, false, option_prune },
	{ "--stats", "-s", TAKES_STATS, false, option_stats },
};

_Static_assert(ARRAY_SIZE(options) <= 64, "a bit of struct request.given for each");

static const struct option *option_find(const char *word, unsigned int takes)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		/* What takes nothing takes no bit of TAKES_ANY either. */
		if (options[i].takes != TAKES_ANY && !(options[i].takes & takes))
			continue;
		if (strcmp(options[i].word, word) == 0 || text_equal(options[i].brief, word))
			return &options[i];
	}
	return NULL;
}

static bool option_given(const struct request *request, const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		if (strcmp(options[i].word, word) == 0)
			return request->given & (UINT64_C(1) << i);
	}
	return false;
}

static int option_read(struct cli *cli, const struct option *option, const char *word, struct request *request)
{
	uint64_t bit = UINT64_C(1) << (option - options);

	if (request->given & bit)
		return cli_usage(cli, "'%s' is given twice", word);
	request->given |= bit;
	return option->parse(cli, request);
}

/* Files are gathered at the beginning of the words, over what has been read already. */
static void request_file(struct cli *cli, struct request *request)
{
	cli->words[request->file_count++] = cli->words[cli->next - 1];
	request->files = cli->words;
}

static int request_word(struct cli *cli, unsigned int takes, const char *word, struct request *request)
{
	const struct option *option = option_find(word, takes);

	if (option)
		return option_read(cli, option, word, request);
	if (!*word)
		return cli_usage(cli, "a word is empty after '%s'", cli->words[cli->next - 2]);
	if (!(takes & TAKES_FILES) || word[0] == '-')
		return cli_usage(cli, "unknown word '%s'", word);
	request_file(cli, request);
	return 0;
}

static int check_exclusive(struct cli *cli, const struct request *request)
{
	static const char *const pairs[][2] = {
		{ "dev", "chain" }, { "sec", "prog" }, { "prio", "before" }, { "prio", "after" },
		{ "before", "after" }, { "da", "classify" }, { "skip_sw", "skip_hw" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		if (option_given(request, pairs[i][0]) && option_given(request, pairs[i][1]))
			return cli_usage(cli, "%s and %s exclude one another", pairs[i][0], pairs[i][1]);
	}
	return 0;
}

static int check_program(struct cli *cli, const struct request *request)
{
	const char *first = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		if (!options[i].program || !(request->given & (UINT64_C(1) << i)))
			continue;
		if (first)
			return cli_usage(cli, "%s and %s exclude one another", first, options[i].word);
		first = options[i].word;
	}
	if (!first)
		return cli_usage(cli, "PROGRAM is missing: obj FILE, pinned PATH or id N");
	if (request->program.kind == DAISY_SOURCE_OBJECT)
		return 0;
	if (option_given(request, "sec") || option_given(request, "prog"))
		return cli_usage(cli, "%s belongs to obj FILE, not to %s",
				 option_given(request, "sec") ? "sec" : "prog", first);
	return 0;
}

static int check_files(struct cli *cli, const struct request *request)
{
	return request->file_count ? 0 : cli_usage(cli, "FILE is missing");
}

static int check_supported(struct cli *cli, const struct request *request)
{
	if (!request->unsupported)
		return 0;
	return cli_fail(cli, DAISY_ERROR_FAILED, -EOPNOTSUPP, "%s is not supported yet", request->unsupported);
}

static int request_check(struct cli *cli, unsigned int takes, const struct request *request)
{
	int r;

	r = check_exclusive(cli, request);
	if (r == 0 && (takes & TAKES_FILTER))
		r = check_program(cli, request);
	if (r == 0 && (takes & TAKES_FILES))
		r = check_files(cli, request);
	return r < 0 ? r : check_supported(cli, request);
}

int request_options(struct cli *cli, unsigned int takes, struct request *request)
{
	const char *word;

	request->change.size = sizeof(request->change);
	while ((word = cli_next(cli))) {
		int r = request_word(cli, takes, word, request);

		if (r < 0)
			return r;
	}
	return request_check(cli, takes, request);
}

int request_filter(struct cli *cli, unsigned int takes, struct request *request)
{
	int r;

	r = request_target(cli, request);
	if (r < 0)
		return r;
	r = cli_take_name(cli, "NAME", DAISY_NAME_SIZE, &request->name);
	if (r < 0)
		return r;
	return request_options(cli, takes, request);
}

void request_unsupported(struct request *request, const char *word)
{
	if (!request->unsupported)
		request->unsupported = word;
}
