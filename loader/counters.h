/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * counters.h: what a chain has counted, over every change of its order.
 *
 * Counters are kept by place in the chain. When places change, the new revision
 * begins with fresh ones, and with a base: what each filter had counted before.
 * As packets still run through the old revision while the new one is swapped
 * in, the old counters are added (folded) into the base only after that.
 */
#ifndef DAISY_COUNTERS_H
#define DAISY_COUNTERS_H

#include "chain.h"

/* All say nothing: callers know the chain. In struct daisy_base, what a hook has counted. */

/* Counts of one hook: base, counters, and @previous_fd (-1: none) while it is not folded. */
int counters_read(int counters_fd, int base_fd, int previous_fd, uint32_t index, struct daisy_base *ret_tally);
/* Adds @previous_fd's counts to every entry of the base that has not got them yet. */
int counters_fold(int base_fd, int previous_fd);

/*
 * Fills the entry @index of a fresh base: from the old base's entry @from_hook
 * (-1: a new hook), filter i having been filter @from[i] there (-1: a new one).
 */
int counters_begin(int base_fd, uint32_t index, int old_base_fd, int32_t from_hook, const int32_t from[DAISY_SLOTS]);

#endif
