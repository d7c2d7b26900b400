/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * private.h: a mount namespace of one's own, whose mounts nobody else sees, also
 * inside a chroot.
 *
 * There "/" is no mount point, so the mount that holds it cannot be named and
 * made private. The way to it is the one that root has out of every chroot.
 */
#ifndef TEST_PRIVATE_H
#define TEST_PRIVATE_H

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* To the true root: a chroot into a directory leaves the working directory outside of it. */
static inline int private_climb(void)
{
	char below[] = "/tmp/private-XXXXXX";
	int r;

	if (chdir("/") < 0 || !mkdtemp(below))
		return -errno;
	r = chroot(below) < 0 ? -errno : 0;
	/* Still at the old "/". */
	rmdir(below + 1);
	for (int i = 0; i < 256 && r == 0; i++)
		r = chdir("..") < 0 ? -errno : 0;
	return r == 0 && chroot(".") < 0 ? -errno : r;
}

/* Makes everything private from the true root, and the chroot a mount point of its own: ip(8) and others want that. */
static inline int private_from_above(void)
{
	char here[PATH_MAX], home[PATH_MAX];
	int home_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r = home_fd < 0 || !getcwd(here, sizeof(here)) ? -errno : private_climb();

	if (r == 0 && (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 || fchdir(home_fd) < 0 ||
		       !getcwd(home, sizeof(home)) || mount(home, home, NULL, MS_BIND | MS_REC, NULL) < 0 ||
		       chdir(home) < 0 || chroot(".") < 0 || chdir(here) < 0))
		r = -errno;
	close(home_fd);
	return r;
}

/* 0 or a negative errno. @more: other CLONE_NEW* to leave behind, too. */
static inline int private_mounts(int more)
{
	if (unshare(CLONE_NEWNS | more) < 0)
		return -errno;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0)
		return 0;
	return errno == EINVAL ? private_from_above() : -errno;
}

#endif
