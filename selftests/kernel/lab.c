// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The namespaces that a kernel test works in.
 *
 * A test's process moves into mount and network namespaces of its own before it
 * touches anything, so nothing it makes is the host's, and nothing needs to be
 * taken down: it vanishes with the process. Running commands is lab_run.c's,
 * looking into the kernel lab_kernel.c's, sending packets lab_traffic.c's.
 */
#include "lab.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "private.h"

struct lab lab = { .home_fd = -1, .far_fd = -1 };

static void mount_private(const char *type, const char *at)
{
	cr_assert_eq(mount(type, at, type, MS_NOSUID | MS_NODEV, NULL), 0,
		     "mounting %s on %s: %s", type, at, strerror(errno));
}

/* A missing directory would have to be made on the host's own disk: better to say so. */
static void mount_all(void)
{
	mount_private("tmpfs", "/run");
	cr_assert_eq(mkdir("/run/netns", 0755), 0);
	if (access("/sys/fs/bpf", F_OK) < 0)
		cr_skip_test("this kernel has no bpffs");
	mount_private("bpf", "/sys/fs/bpf");
	/* Where lab_file() writes. */
	cr_assert_eq(mkdir("/run/lab", 0755), 0);
}

/* Neighbour discovery and router solicitations would be counted beside the test's own packets. */
static void ipv6_off(int netns_fd)
{
	auto_(fd) int fd = -1;

	cr_assert_eq(setns(netns_fd, CLONE_NEWNET), 0);
	for (size_t i = 0; i < 2; i++) {
		static const char *const files[] = { "all", "default" };
		auto_(mem) char *path = text_format("/proc/sys/net/ipv6/conf/%s/disable_ipv6", files[i]);
		auto_(file) FILE *out = fopen(path, "we");

		if (out)
			fputs("1", out);
	}
	cr_assert_eq(setns(lab.home_fd, CLONE_NEWNET), 0);
}

static int netns_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	cr_assert_geq(fd, 0, "%s: %s", path, strerror(errno));
	return fd;
}

static void netns_make(void)
{
	auto_(mem) char *path = text_format("/run/netns/%s", lab.netns);

	lab.home_fd = netns_open("/proc/self/ns/net");
	lab_do("ip netns add %s", lab.netns);
	lab.far_fd = netns_open(path);
	ipv6_off(lab.home_fd);
	ipv6_off(lab.far_fd);
}

/* One end of the veth: address, and the other end's, so that no ARP is counted. */
static void end_up(const char *in, const char *dev, const char *address, const char *other, int other_end)
{
	lab_do("ip %s addr add %s/24 dev %s", in, address, dev);
	lab_do("ip %s link set %s up", in, dev);
	lab_do("ip %s neigh add %s lladdr 02:00:00:00:00:0%d nud permanent dev %s", in, other, other_end, dev);
}

static void veth_make(void)
{
	auto_(mem) char *far = text_format("-n %s", lab.netns);

	lab_do("ip link set lo up");
	lab_do("ip link add %s address 02:00:00:00:00:01 type veth peer name %s address 02:00:00:00:00:02 netns %s",
	       lab.dev, lab.peer, lab.netns);
	end_up("-4", lab.dev, LAB_HERE, LAB_THERE, 2);
	end_up(far, lab.peer, LAB_THERE, LAB_HERE, 1);
	lab.ifindex = if_nametoindex(lab.dev);
	cr_assert_neq(lab.ifindex, 0);
}

/*
 * Softirqs then run on the sender's own CPU before it goes on, so a packet that
 * was sent has been through the chain; see lab_traffic.c.
 */
static void stay_on_one_cpu(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	cr_assert_eq(sched_setaffinity(0, sizeof(set), &set), 0);
}

void lab_open(void)
{
	int r;

	if (geteuid() != 0)
		cr_skip_test("needs root");
	if (!getenv("DAISY_BUILD"))
		cr_skip_test("needs DAISY_BUILD, the directory of what was built");
	r = private_mounts(CLONE_NEWNET);
	if (r < 0)
		cr_skip_test("needs namespaces: %s", strerror(-r));
	snprintf(lab.netns, sizeof(lab.netns), "%s", criterion_current_suite->name);
	snprintf(lab.dev, sizeof(lab.dev), "%s0", lab.netns);
	snprintf(lab.peer, sizeof(lab.peer), "%s1", lab.netns);
	stay_on_one_cpu();
	mount_all();
	netns_make();
	veth_make();
}
