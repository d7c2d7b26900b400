/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* manifest.h: a chain <-> the manifest of its dispatcher. */
#ifndef DAISY_MANIFEST_H
#define DAISY_MANIFEST_H

#include "chain.h"

/* Writes @chain's filters and name; revision, side and hooks are the caller's. Says what does not fit. */
int manifest_write(const struct chain *chain, struct daisy_manifest *manifest);
/* The chain that a manifest tells, without hooks. Says what failed. */
int manifest_read(const struct daisy_manifest *manifest, struct chain **ret_chain);
/* The return values (bits 1 << TC_ACT_*) that end a chain at @filter: cls_bpf_exec_opcode, lines 70-83. */
uint32_t manifest_ends(const struct filter *filter);

#endif
