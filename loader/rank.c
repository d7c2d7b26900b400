// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The heaviest non-falling part of a sequence.
 *
 * Both the numbers of a chain and the moves of its filters ask what may stay as
 * it is. What the values and weights mean is theirs. Time grows with the square
 * of the length, which is that of a chain.
 */
#include "rank.h"

#include <stdlib.h>

static void rank_extend(struct rank *ranks, size_t index)
{
	struct rank *rank = &ranks[index];

	rank->best = rank->weight;
	rank->before = -1;
	for (size_t i = 0; i < index; i++) {
		if (!ranks[i].weight || ranks[i].value > rank->value)
			continue;
		if (ranks[i].best + rank->weight > rank->best) {
			rank->best = ranks[i].best + rank->weight;
			rank->before = (ssize_t)i;
		}
	}
}

void ranks_keep(struct rank *ranks, size_t count)
{
	ssize_t last = -1;

	for (size_t i = 0; i < count; i++) {
		if (!ranks[i].weight)
			continue;
		rank_extend(ranks, i);
		if (last < 0 || ranks[i].best > ranks[last].best)
			last = (ssize_t)i;
	}
	for (; last >= 0; last = ranks[last].before)
		ranks[last].kept = true;
}

struct rank *ranks_new(size_t count)
{
	/* One more, because calloc() may answer NULL to a request for nothing. */
	return calloc(count + 1, sizeof(struct rank));
}
