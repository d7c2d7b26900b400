// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Checks of daisy doctor: privileges, bpffs, and what the system around allows.
 *
 * A capability that a process holds may still not count (user namespaces), or
 * be overruled (seccomp), so each is tried on something that needs it and that
 * changes nothing.
 */
#include "doctor.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <linux/membarrier.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#include "error.h"
#include "netns.h"
#include "store.h"

/* --- privileges */

static bool capability_held(unsigned int capability)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (syscall(SYS_capget, &header, data) < 0)
		return false;
	return data[capability / 32].effective >> capability % 32 & 1;
}

/* @r: what became of something that needs it. */
static void capability_find(struct finding *finding, bool held, int r)
{
	if (r == 0)
		finding_ok(finding, "there, and the kernel honours it");
	else if (r != -EPERM)
		finding_lack(finding, "see the other checks", "what needs it fails otherwise: %s", strerror(-r));
	else if (held)
		finding_lack(finding, "run daisy outside of the container; look at its seccomp profile",
			     "there, but the kernel does not honour it (a user namespace, or a filter of system calls)");
	else
		finding_lack(finding, "run it as root (sudo daisy doctor)", "this process does not have it");
}

void probe_sys_admin(struct finding *finding)
{
	uint32_t id;
	int r = bpf_prog_get_next_id(0, &id);

	/* No program at all is an answer, too. */
	capability_find(finding, capability_held(CAP_SYS_ADMIN), r == -ENOENT ? 0 : r);
}

void probe_net_admin(struct finding *finding)
{
	auto_(fd) int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int size = 4096, r = 0;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		r = -errno;
	capability_find(finding, capability_held(CAP_NET_ADMIN), r);
}

void probe_cap_bpf(struct finding *finding)
{
	/* Maps of this type are never for the unprivileged, whatever unprivileged_bpf_disabled says. */
	auto_(fd) int fd = bpf_map_create(BPF_MAP_TYPE_LRU_HASH, "doctor", sizeof(uint32_t), sizeof(uint32_t), 1, NULL);

	capability_find(finding, capability_held(CAP_BPF) || capability_held(CAP_SYS_ADMIN), fd < 0 ? fd : 0);
}

/* --- bpffs */

static bool bpffs_mounted(struct finding *finding)
{
	struct statfs fs;

	if (statfs(BPFFS_PATH, &fs) < 0) {
		finding_lack(finding, "use a kernel with CONFIG_BPF_SYSCALL, and mount sysfs on /sys", "%s: %m", BPFFS_PATH);
		return false;
	}
	if ((unsigned int)fs.f_type == BPF_FS_MAGIC)
		return true;
	finding_lack(finding, "mount -t bpf bpf " BPFFS_PATH " (inside of `ip netns exec`: use daisy -n from outside)",
		     "no bpffs is mounted on %s", BPFFS_PATH);
	return false;
}

/* 1 when nothing could be made to be pinned. */
static int pin_try(const char *dir)
{
	auto_(fd) int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "doctor", sizeof(uint32_t), sizeof(uint32_t), 1, NULL);
	auto_(mem) char *path = text_format("%s/map", dir);
	int r;

	if (!path)
		return -ENOMEM;
	if (fd < 0)
		return 1;
	r = bpf_obj_pin(fd, path);
	if (r == 0)
		unlink(path);
	return r;
}

void probe_bpffs(struct finding *finding)
{
	char dir[] = BPFFS_PATH "/daisy-doctor-XXXXXX";
	int r;

	if (!bpffs_mounted(finding))
		return;
	if (!mkdtemp(dir)) {
		finding_lack(finding, "as root; if it is mounted read-only: mount -o remount,rw " BPFFS_PATH,
			     "cannot make a directory in %s: %m", BPFFS_PATH);
		return;
	}
	r = pin_try(dir);
	rmdir(dir);
	if (r < 0)
		finding_lack(finding, "look for a security module that forbids it", "cannot pin in %s: %s", BPFFS_PATH,
			     strerror(-r));
	else
		finding_ok(finding, "mounted on %s and writable%s", BPFFS_PATH,
			   r == 0 ? ", and takes pins" : " (a pin was not tried, as no map can be made)");
}

/* Whether some daisy holds it now; never waits. */
static bool lock_held(void)
{
	auto_(fd) int fd = open(DAISY_ROOT, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

void probe_tree(struct finding *finding)
{
	auto_(store) struct store *store = NULL;
	int r;

	if (lock_held()) {
		finding_ok(finding, "%s is locked by a daisy at work; other commands wait for it", DAISY_ROOT);
		return;
	}
	r = store_open(false, &store);
	if (r < 0)
		finding_refused(finding, r == -ENODEV ? "see bpffs above" :
				"as root; " DAISY_ROOT " must be root's own directory, with mode 0700");
	else if (store->root_fd < 0)
		finding_ok(finding, "there is no %s yet; the first filter makes it", DAISY_ROOT);
	else
		finding_ok(finding, "%s is usable, and its lock is free", DAISY_ROOT);
}

/* --- the kernel */

void doctor_release(char *to, size_t size)
{
	struct utsname names;

	if (uname(&names) < 0)
		snprintf(names.release, sizeof(names.release), "?");
	text_clean(to, size, names.release);
}

void probe_kernel(struct finding *finding)
{
	unsigned int major = 0, minor = 0;
	char release[sizeof(((struct utsname *)NULL)->release)];

	doctor_release(release, sizeof(release));
	sscanf(release, "%u.%u", &major, &minor);
	if (major > 5 || (major == 5 && minor >= 10))
		finding_ok(finding, "%s (5.10 or newer)", release);
	else
		finding_lack(finding, "go by the other checks: distributions bring newer parts to older releases",
			     "%s is older than 5.10", release);
}

void probe_cookie(struct finding *finding)
{
	char key[32];

	if (netns_key(key, sizeof(key)) < 0)
		finding_refused(finding, "see the kernel's words");
	else if (strncmp(key, "inode-", 6) == 0)
		finding_lack(finding, "nothing; kernels since 5.14 have it, and daisy goes by the inode instead",
			     "the kernel tells none");
	else
		finding_ok(finding, "this network namespace is number %s", key);
}

void probe_membarrier(struct finding *finding)
{
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) == 0)
		finding_ok(finding, "waits for packets on their way");
	else
		finding_lack(finding, "nothing; packets of the moment of a change may be missing in the counters",
			     "the kernel refuses to wait: %m (it does with nohz_full CPUs)");
}

/* Not by libbpf, which raises the limit. */
static int map_try(void)
{
	auto_(fd) int fd = -1;
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = sizeof(uint32_t);
	attr.value_size = 4096;
	attr.max_entries = 1;
	fd = (int)syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
	return fd < 0 ? -errno : 0;
}

/* In a child: the limit of the process is lowered to nothing. */
static void memlock_try(struct finding *finding)
{
	struct rlimit limit = { 0 }, nothing = { 0 };
	int r = map_try();

	if (r < 0) {
		finding_lack(finding, advice_for(r, "see the other checks"), "not tried, as no map can be made: %s",
			     strerror(-r));
		return;
	}
	getrlimit(RLIMIT_MEMLOCK, &limit);
	nothing.rlim_max = limit.rlim_max;
	setrlimit(RLIMIT_MEMLOCK, &nothing);
	if (map_try() == 0)
		finding_ok(finding, "maps do not count against RLIMIT_MEMLOCK");
	else if (limit.rlim_cur == RLIM_INFINITY)
		finding_ok(finding, "maps count against RLIMIT_MEMLOCK, which is unlimited");
	else
		finding_lack(finding, "ulimit -l unlimited, or LimitMEMLOCK=infinity in a systemd unit",
			     "maps count against RLIMIT_MEMLOCK, which is %llu bytes and could not be raised",
			     (unsigned long long)limit.rlim_cur);
}

void probe_memlock(struct finding *finding)
{
	doctor_child(memlock_try, finding);
}

void probe_unprivileged(struct finding *finding)
{
	auto_(file) FILE *in = fopen("/proc/sys/kernel/unprivileged_bpf_disabled", "re");
	int value;

	if (in && fscanf(in, "%d", &value) == 1)
		finding_ok(finding, "kernel.unprivileged_bpf_disabled is %d, which does not matter to daisy", value);
	else
		finding_ok(finding, "kernel.unprivileged_bpf_disabled cannot be read, and does not matter to daisy");
}
