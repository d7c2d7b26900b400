// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * private [--net] COMMAND...: runs a command in a mount namespace of its own, and
 * a network namespace if asked. It is unshare(1), but works in a chroot, too.
 */
#include <stdio.h>
#include <string.h>

#include "private.h"

int main(int argc, char **argv)
{
	int net = argc > 1 && strcmp(argv[1], "--net") == 0;
	int r;

	if (argc < 2 + net) {
		fputs("usage: private [--net] COMMAND...\n", stderr);
		return 2;
	}
	r = private_mounts(net ? CLONE_NEWNET : 0);
	if (r < 0) {
		fprintf(stderr, "private: no namespaces of one's own: %s\n", strerror(-r));
		return 1;
	}
	execvp(argv[1 + net], argv + 1 + net);
	fprintf(stderr, "private: %s: %s\n", argv[1 + net], strerror(errno));
	return 127;
}
