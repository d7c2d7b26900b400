/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* edit.h: changes -> numbered, planned, carried out, told: what every changing call does in the end. */
#ifndef DAISY_EDIT_H
#define DAISY_EDIT_H

#include "session.h"

/* The caller's struct, which may be of an older version or NULL, as this version's. */
struct daisy_change change_options(const struct daisy_change *given);
/* -EPERM with words if @filter is another owner's and @force is not given. */
int check_owner(const struct daisy *daisy, const struct filter *filter, bool force);
int check_owners(const struct daisy *daisy, const struct chain *chain, bool force);
/* -ESTALE with words if the revision is not the one that is expected. */
int check_expect(const struct change *change, const struct daisy_change *options);

/*
 * Numbers the wanted chains, plans, commits unless options->dry_run, and tells.
 * @ret_outcome may be NULL.
 */
int edit_carry_out(struct session *session, struct changes *changes, const struct daisy_change *options,
		   struct daisy_outcome **ret_outcome);

#endif
