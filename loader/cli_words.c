// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The words of the command line, one after another.
 *
 * Each taker names in its sentence the word that asked for what is missing or
 * malformed: the one before. What the words mean is left to those who take them.
 */
#include "cli.h"

#include <inttypes.h>
#include <string.h>

const char *cli_next(struct cli *cli)
{
	return cli->next < cli->count ? cli->words[cli->next++] : NULL;
}

int cli_take(struct cli *cli, const char *what, const char **ret_word)
{
	const char *before = cli->words[cli->next - 1];
	const char *word = cli_next(cli);

	if (!word)
		return cli_usage(cli, "%s is missing after '%s'", what, before);
	if (!*word)
		return cli_usage(cli, "%s after '%s' is empty", what, before);
	*ret_word = word;
	return 0;
}

int cli_take_name(struct cli *cli, const char *what, size_t size, const char **ret_name)
{
	const char *name;
	int r;

	r = cli_take(cli, what, &name);
	if (r < 0)
		return r;
	if (strlen(name) >= size)
		return cli_usage(cli, "%s '%.20s...' has more than %zu bytes", what, name, size - 1);
	*ret_name = name;
	return 0;
}

int cli_take_number(struct cli *cli, uint32_t least, uint32_t most, uint32_t *ret_number)
{
	const char *before = cli->words[cli->next - 1];
	const char *word;
	uint64_t value;
	int r;

	r = cli_take(cli, "a number", &word);
	if (r < 0)
		return r;
	if (text_number(word, most, &value) < 0 || value < least)
		return cli_usage(cli, "%s '%s' is not a number from %" PRIu32 " to %" PRIu32, before, word, least, most);
	*ret_number = (uint32_t)value;
	return 0;
}

/* Half of a classid: tc reads it as hexadecimal, with 0x or without. */
static bool half_valid(const char *text, size_t size)
{
	if (size > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		text += 2;
		size -= 2;
	}
	return size <= 4 && strspn(text, "0123456789abcdefABCDEF") >= size;
}

int cli_take_classid(struct cli *cli)
{
	const char *before = cli->words[cli->next - 1];
	const char *word, *colon;
	int r;

	r = cli_take(cli, "MAJ:MIN", &word);
	if (r < 0)
		return r;
	colon = strchr(word, ':');
	if (!colon || colon == word || !half_valid(word, (size_t)(colon - word)) ||
	    !half_valid(colon + 1, strlen(colon + 1)))
		return cli_usage(cli, "%s '%s' is not MAJ:MIN, two hexadecimal numbers up to ffff", before, word);
	return 0;
}

int cli_take_word(struct cli *cli, const char *word)
{
	const char *taken;
	int r;

	r = cli_take(cli, word, &taken);
	if (r < 0)
		return r;
	if (strcmp(taken, word) != 0)
		return cli_usage(cli, "'%s' stands where '%s' belongs", taken, word);
	return 0;
}

bool cli_take_if(struct cli *cli, const char *word)
{
	if (cli->next >= cli->count || strcmp(cli->words[cli->next], word) != 0)
		return false;
	cli->next++;
	return true;
}
