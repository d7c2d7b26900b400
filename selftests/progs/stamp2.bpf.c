// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The next revision of stamp.bpf.c. */
#define REVISION 2
#include "stamp.bpf.c"
