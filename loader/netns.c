// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Network namespaces: which one is meant, its name for bpffs, and being inside.
 *
 * Only the thread's network namespace changes: bpffs belongs to the mount
 * namespace, which stays the caller's, so pins are found from everywhere.
 */
#include "netns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "error.h"

#define NETNS_OWN "/proc/thread-self/ns/net"

/* Newer than Debian 12's headers in some builds: asm-generic/socket.h since 5.14. */
#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

int netns_open(const char *name, int *ret_fd)
{
	auto_(mem) char *path = NULL;
	auto_(fd) int fd = -1;
	int type;

	if (!name)
		path = text_format("%s", NETNS_OWN);
	else
		path = text_format("%s%s", strchr(name, '/') ? "" : "/run/netns/", name);
	if (!path)
		return fail_memory();
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fail_errno(-errno, "netns %s", name ? name : path);
	type = ioctl(fd, NS_GET_NSTYPE);
	/* The answer of a file that is no namespace at all. */
	if (type < 0 && errno != ENOTTY)
		return fail_errno(-errno, "netns %s", name ? name : path);
	if (type != CLONE_NEWNET)
		return fail(-EINVAL, "netns %s: not a network namespace", name ? name : path);
	*ret_fd = TAKE_FD(fd);
	return 0;
}

static bool same_netns(int a, int b)
{
	struct stat one, other;

	return fstat(a, &one) == 0 && fstat(b, &other) == 0 && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

int netns_enter(int netns_fd, struct netns_visit *visit)
{
	auto_(fd) int home_fd = open(NETNS_OWN, O_RDONLY | O_CLOEXEC);

	if (home_fd < 0)
		return fail_errno(-errno, "cannot open %s", NETNS_OWN);
	/* Going where one is would need a privilege for nothing. */
	if (same_netns(home_fd, netns_fd))
		return 0;
	if (setns(netns_fd, CLONE_NEWNET) < 0)
		return fail_errno(-errno, "cannot enter the network namespace");
	visit->home_fd = TAKE_FD(home_fd);
	return 0;
}

void netns_leave(struct netns_visit *visit)
{
	if (visit->home_fd < 0)
		return;
	/* The way back needs no more than the way there did; a thread that cannot go back must not go on elsewhere. */
	if (setns(visit->home_fd, CLONE_NEWNET) < 0 && setns(visit->home_fd, CLONE_NEWNET) < 0)
		abort();
	close(visit->home_fd);
	visit->home_fd = -1;
}

int netns_key(char *to, size_t size)
{
	auto_(fd) int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t length = sizeof(uint64_t);
	uint64_t cookie = 0;
	struct stat stat_own;

	if (fd < 0)
		return fail_errno(-errno, "cannot make a socket");
	if (getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &length) == 0) {
		snprintf(to, size, "%llu", (unsigned long long)cookie);
		return 0;
	}
	if (errno != ENOPROTOOPT)
		return fail_errno(-errno, "cannot read the network namespace's cookie");
	if (stat(NETNS_OWN, &stat_own) < 0)
		return fail_errno(-errno, "%s", NETNS_OWN);
	snprintf(to, size, "inode-%llu", (unsigned long long)stat_own.st_ino);
	return 0;
}
