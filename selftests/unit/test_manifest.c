// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* loader/manifest.c: a chain comes back from its manifest as it went in, and what does not fit is refused. */
#include "chains.h"

#include <errno.h>
#include <linux/pkt_cls.h>

#include "manifest.h"

static struct chain *through_manifest(const struct chain *chain)
{
	static struct daisy_manifest manifest;
	struct chain *back = NULL;

	cr_assert_eq(manifest_write(chain, &manifest), 0, "%s", error_text());
	manifest.revision = chain->revision;
	cr_assert_eq(manifest_read(&manifest, &back), 0, "%s", error_text());
	return back;
}

Test(manifest, a_chain_comes_back_as_it_went_in)
{
	auto_(chain) struct chain *chain = running_of("a:10.1 b:10.2@you c:20.1"), *back = NULL;
	struct filter *filter = chain->filters[1];

	filter->continue_on = 1U << DAISY_OK | 1U << DAISY_SHOT;
	filter->classid = 0x10010;
	filter->source.section_named = true;
	cr_assert_eq(text_set(&filter->source.section, "tc/ingress"), 0);
	filter->source.has_digest = true;
	memset(filter->source.digest, 0xab, sizeof(filter->source.digest));
	back = through_manifest(chain);
	cr_expect_str_eq(back->name, "edge");
	cr_expect_eq(back->revision, 7);
	expect_numbers(back, "a:10.1 b:10.2 c:20.1");
	/* Nothing separates the two: not a program, a source, an option or a number. */
	expect_steps(chain, back, "");
	cr_expect(source_same(&back->filters[1]->source, &filter->source));
	cr_expect(filter_options_same(back->filters[1], filter));
	cr_expect_arr_eq(back->filters[2]->tag, chain->filters[2]->tag, DAISY_TAG_SIZE);
}

Test(manifest, each_kind_of_source_comes_back)
{
	auto_(chain) struct chain *chain = running_of("pin id"), *back = NULL;

	chain->filters[0]->source.kind = DAISY_SOURCE_PINNED;
	source_clear(&chain->filters[1]->source);
	chain->filters[1]->source.kind = DAISY_SOURCE_ID;
	chain->filters[1]->source.id = 4711;
	back = through_manifest(chain);
	cr_expect_eq(back->filters[0]->source.kind, DAISY_SOURCE_PINNED);
	cr_expect_str_eq(back->filters[0]->source.path, "/o/pin.o");
	cr_expect_eq(back->filters[1]->source.id, 4711);
	cr_expect_null(back->filters[1]->source.path);
}

Test(manifest, thirty_two_filters_fit)
{
	auto_(chain) struct chain *chain = chain_of(""), *back = NULL;
	char name[16];

	for (size_t i = 0; i < DAISY_SLOTS; i++) {
		snprintf(name, sizeof(name), "f%zu", i);
		cr_assert_eq(chain_insert(chain, i, filter_of(name)), 0);
	}
	back = through_manifest(chain);
	cr_expect_eq(back->filter_count, DAISY_SLOTS);
	cr_expect_str_eq(back->filters[DAISY_SLOTS - 1]->name, "f31");
}

/* A @size bytes long text in the field that @field points to. */
static void expect_fits(struct chain *chain, char **field, size_t size, const char *what)
{
	static struct daisy_manifest manifest;

	for (size_t length = size - 1; length <= size; length++) {
		free(*field);
		*field = malloc(length + 1);
		memset(*field, 'x', length);
		(*field)[length] = '\0';
		cr_expect_eq(manifest_write(chain, &manifest), length < size ? 0 : -ENAMETOOLONG);
		if (length == size)
			expect_sentence(ERROR_FAILED, "filter 'a'", what);
	}
}

Test(manifest, what_does_not_fit_is_refused_not_cut)
{
	auto_(chain) struct chain *path = chain_of("a"), *section = chain_of("a"), *symbol = chain_of("a");

	expect_fits(path, &path->filters[0]->source.path, DAISY_PATH_SIZE, "path");
	expect_fits(section, &section->filters[0]->source.section, DAISY_SECTION_SIZE, "section");
	expect_fits(symbol, &symbol->filters[0]->source.symbol, DAISY_SECTION_SIZE, "program's name");
}

Test(manifest, the_named_verdicts_end_a_chain_and_no_other_value)
{
	auto_(filter) struct filter *filter = filter_of("a");

	cr_expect_eq(manifest_ends(filter), 1U << TC_ACT_OK | 1U << TC_ACT_SHOT | 1U << TC_ACT_STOLEN |
						    1U << TC_ACT_REDIRECT | 1U << TC_ACT_TRAP);
}

Test(manifest, continue_on_takes_a_verdict_out)
{
	auto_(filter) struct filter *filter = filter_of("a");

	filter->continue_on = 1U << DAISY_OK | 1U << DAISY_REDIRECT;
	cr_expect_eq(manifest_ends(filter), 1U << TC_ACT_SHOT | 1U << TC_ACT_STOLEN | 1U << TC_ACT_TRAP);
}

Test(manifest, of_strange_bytes_it_reads_no_further_than_its_fields)
{
	static struct daisy_manifest manifest;
	auto_(chain) struct chain *back = NULL;

	memset(&manifest, 'x', sizeof(manifest));
	manifest.count = 1;
	cr_assert_eq(manifest_read(&manifest, &back), 0);
	cr_expect_eq(strlen(back->name), DAISY_CHAIN_SIZE - 1);
	cr_expect_eq(strlen(back->filters[0]->name), DAISY_NAME_SIZE - 1);
	cr_expect_eq(strlen(back->filters[0]->source.path), DAISY_PATH_SIZE - 1);
}

Test(manifest, one_name_twice_is_refused_by_name)
{
	static struct daisy_manifest manifest;
	auto_(chain) struct chain *chain = chain_of("a b"), *back = NULL;

	cr_assert_eq(manifest_write(chain, &manifest), 0);
	memcpy(manifest.filters[1].name, "a", 2);
	cr_expect_eq(manifest_read(&manifest, &back), -EEXIST);
	expect_sentence(ERROR_FAILED, "chain 'edge'", "filter 'a'");
	cr_expect_null(back);
}
