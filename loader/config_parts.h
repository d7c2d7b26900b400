/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* config_parts.h: what the rooms behind config.h share while one file is read. */
#ifndef DAISY_CONFIG_PARTS_H
#define DAISY_CONFIG_PARTS_H

#include "config.h"
#include "config_yaml.h"

struct reading {
	struct config *config;
	const struct document *document;
	const char *directory;	/* relative paths count from here */
	const char *owner;
};

/* Puts the filter that stands at @node, loaded as @from, behind the last of @chain. */
int filter_read(const struct reading *reading, const yaml_node_t *node, const struct file_filter *from,
		struct chain *chain);

#endif
