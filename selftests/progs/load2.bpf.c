// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The next revision of load.bpf.c. */
#define REVISION 1
#include "load.bpf.c"
