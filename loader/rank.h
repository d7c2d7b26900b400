/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* rank.h: which items of a sequence can stay where they are, so that as few as can be have to move. */
#ifndef DAISY_RANK_H
#define DAISY_RANK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* One item, in the order that is wanted. */
struct rank {
	uint32_t value;		/* where it stands now; those kept never fall */
	uint64_t weight;	/* what keeping it is worth, 0: cannot be kept */
	bool kept;		/* the answer */
	/* For rank.c. */
	uint64_t best;		/* weight of the heaviest part that ends here */
	ssize_t before;		/* the item ahead of this one in that part, -1: none */
};

/* @count items of zeros; NULL without memory, never because @count is 0. */
struct rank *ranks_new(size_t count);
/* Sets kept on the non-falling part that weighs most. */
void ranks_keep(struct rank *ranks, size_t count);

#endif
