/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* sweep.h: what a killed command or somebody else's change left behind, put in order. */
#ifndef DAISY_SWEEP_H
#define DAISY_SWEEP_H

#include "census.h"

/*
 * Takes the census, completes changes that were interrupted between two hooks,
 * folds counters, and removes what no attached dispatcher names, so that the
 * census handed out is of a store that agrees with the kernel. Says what failed.
 */
int sweep(const struct store *store, struct census *ret_census);

#endif
