// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The bpffs tree: lock, directories, pins.
 *
 * There is no state but this tree and what is attached. This room knows how a
 * revision's directory is found, made and removed; which revision runs is
 * census.c's to see, and which may go is sweep.c's to decide.
 */
#include "store.h"

#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "error.h"
#include "netns.h"

static void dir_close(DIR *dir)
{
	if (dir)
		closedir(dir);
}

DEFINE_CLEANUP(dir, DIR *, dir_close)

static bool capable(const struct __user_cap_data_struct *data, unsigned int capability)
{
	return data[capability / 32].effective >> capability % 32 & 1;
}

/* Before anything is made: bpffs lets anybody make a directory, and one of a stranger would lock out root. */
static int check_privileges(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (syscall(SYS_capget, &header, data) < 0)
		return fail_errno(-errno, "cannot read this process's capabilities");
	/* Ids of programs and maps are opened with CAP_SYS_ADMIN alone. */
	if (!capable(data, CAP_SYS_ADMIN) || !capable(data, CAP_NET_ADMIN))
		return fail(-EPERM, "Operation not permitted: daisy needs root, or CAP_SYS_ADMIN and CAP_NET_ADMIN");
	return 0;
}

static int check_bpffs(void)
{
	struct statfs fs;

	if (statfs(BPFFS_PATH, &fs) < 0)
		return fail_errno(-errno, "%s", BPFFS_PATH);
	if ((unsigned int)fs.f_type != BPF_FS_MAGIC)
		return fail(-ENODEV, "bpffs is not mounted on %s: mount -t bpf bpf %s (inside `ip netns exec` use daisy -n from outside)",
			    BPFFS_PATH, BPFFS_PATH);
	return 0;
}

static int check_root(int fd)
{
	struct stat root;

	if (fstat(fd, &root) < 0)
		return fail_errno(-errno, "%s", DAISY_ROOT);
	if (root.st_uid != geteuid() || (root.st_mode & 022))
		return fail(-EPERM, "%s belongs to user %u with mode %04o: others could change chains", DAISY_ROOT,
			    root.st_uid, root.st_mode & 07777);
	return 0;
}

/* -ENOENT without words when there is none to be made. */
static int root_open(bool change, int *ret_fd)
{
	auto_(fd) int fd = -1;
	int r;

	if (change && mkdir(DAISY_ROOT, 0700) == 0)
		/* Whatever the umask is. */
		chmod(DAISY_ROOT, 0700);
	else if (change && errno != EEXIST)
		return fail_errno(-errno, "cannot make %s", DAISY_ROOT);
	fd = open(DAISY_ROOT, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT && !change)
		return -ENOENT;
	if (fd < 0)
		return fail_errno(-errno, "cannot open %s", DAISY_ROOT);
	r = check_root(fd);
	if (r < 0)
		return r;
	while (flock(fd, LOCK_EX) < 0) {
		if (errno != EINTR)
			return fail_errno(-errno, "cannot lock %s", DAISY_ROOT);
	}
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int store_open(bool change, struct store **ret_store)
{
	auto_(store) struct store *store = calloc(1, sizeof(*store));
	int r;

	if (!store)
		return fail_memory();
	store->root_fd = -1;
	r = check_privileges();
	if (r < 0)
		return r;
	r = check_bpffs();
	if (r < 0)
		return r;
	r = netns_key(store->netns, sizeof(store->netns));
	if (r < 0)
		return r;
	r = root_open(change, &store->root_fd);
	if (r < 0 && (r != -ENOENT || change))
		return r;
	*ret_store = TAKE_PTR(store);
	return 0;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	fd_close(store->root_fd);
	free(store);
}

/* bpffs keeps names with a dot for itself. */
static char *name_encode(const char *name)
{
	char *encoded = malloc(strlen(name) * 3 + 1), *to = encoded;

	if (!encoded)
		return NULL;
	for (; *name; name++)
		to += *name == '.' || *name == '%' ? sprintf(to, "%%%02X", *name) : (*to = *name, 1);
	*to = '\0';
	return encoded;
}

static char *name_decode(const char *name)
{
	char *decoded = strdup(name), *to = decoded;

	if (!decoded)
		return NULL;
	for (; *name; name++) {
		unsigned int byte;

		if (*name == '%' && sscanf(name + 1, "%2X", &byte) == 1 && name[1] && name[2]) {
			*to++ = (char)byte;
			name += 2;
		} else {
			*to++ = *name;
		}
	}
	*to = '\0';
	return decoded;
}

char *store_path(const struct store *store, const char *chain, uint32_t revision)
{
	auto_(mem) char *encoded = name_encode(chain);

	return encoded ? text_format("%s/%s/%s/%u", DAISY_ROOT, store->netns, encoded, revision) : NULL;
}

int store_make(const char *path)
{
	auto_(mem) char *part = strdup(path);

	if (!part)
		return fail_memory();
	for (char *slash = part + strlen(DAISY_ROOT); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(part, 0700) < 0 && errno != EEXIST)
			return fail_errno(-errno, "cannot make %s", part);
		*slash = '/';
	}
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return fail_errno(-errno, "cannot make %s", path);
	return 0;
}

int store_pin(const char *path, const char *name, int fd)
{
	auto_(mem) char *pin = text_format("%s/%s", path, name);
	int r;

	if (!pin)
		return fail_memory();
	r = bpf_obj_pin(fd, pin);
	return r < 0 ? fail_errno(r, "cannot pin %s", pin) : 0;
}

int store_get(const char *path, const char *name, int *ret_fd)
{
	auto_(mem) char *pin = text_format("%s/%s", path, name);
	int fd;

	if (!pin)
		return -ENOMEM;
	fd = bpf_obj_get(pin);
	if (fd < 0)
		return fd;
	*ret_fd = fd;
	return 0;
}

int store_unpin(const char *path, const char *name)
{
	auto_(mem) char *pin = text_format("%s/%s", path, name);

	if (!pin)
		return -ENOMEM;
	return unlink(pin) < 0 ? -errno : 0;
}

static bool is_dot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

int store_drop(const char *path)
{
	auto_(mem) char *part = strdup(path);
	auto_(dir) DIR *dir = opendir(path);
	struct dirent *entry;
	int r = 0;

	if (!part)
		return -ENOMEM;
	if (!dir)
		return -errno;
	while ((entry = readdir(dir))) {
		if (!is_dot(entry->d_name) && unlinkat(dirfd(dir), entry->d_name, 0) < 0)
			r = -errno;
	}
	/* The root stays: it is the lock. */
	for (size_t root = strlen(DAISY_ROOT); r == 0 && strlen(part) > root; *strrchr(part, '/') = '\0') {
		if (rmdir(part) < 0)
			r = -errno;
	}
	return r == -ENOTEMPTY ? 0 : r;
}

void store_entries_clear(struct store_entries *entries)
{
	for (size_t i = 0; i < entries->count; i++) {
		free(entries->list[i].netns);
		free(entries->list[i].chain);
		free(entries->list[i].path);
	}
	free(entries->list);
	*entries = (struct store_entries){ 0 };
}

static int entries_append(struct store_entries *entries, const char *netns, const char *chain, uint32_t revision)
{
	struct store_entry *grown = reallocarray(entries->list, entries->count + 1, sizeof(*grown));
	struct store_entry *entry;

	if (!grown)
		return fail_memory();
	entries->list = grown;
	entry = &grown[entries->count++];
	*entry = (struct store_entry){ .revision = revision };
	entry->netns = strdup(netns);
	entry->chain = name_decode(chain);
	entry->path = text_format("%s/%s/%s/%u", DAISY_ROOT, netns, chain, revision);
	return entry->netns && entry->chain && entry->path ? 0 : fail_memory();
}

/* Calls @each for every directory in @path; a path that is gone has none. */
struct walk {
	struct store_entries *entries;
	const char *netns, *chain;
	int (*each)(struct walk *walk, const char *path, const char *name);
};

static int walk_dir(struct walk *walk, const char *path)
{
	auto_(dir) DIR *dir = opendir(path);
	struct dirent *entry;
	int r = 0;

	if (!dir)
		return errno == ENOENT || errno == ENOTDIR ? 0 : fail_errno(-errno, "cannot read %s", path);
	while (r == 0 && (errno = 0, entry = readdir(dir))) {
		if (!is_dot(entry->d_name))
			r = walk->each(walk, path, entry->d_name);
	}
	return r == 0 && errno ? fail_errno(-errno, "cannot read %s", path) : r;
}

static int walk_revision(struct walk *walk, const char *path, const char *name)
{
	uint64_t revision;

	if (text_number(name, UINT32_MAX, &revision) < 0)
		return 0;
	return entries_append(walk->entries, walk->netns, walk->chain, (uint32_t)revision);
}

static int walk_chain(struct walk *walk, const char *path, const char *name)
{
	auto_(mem) char *below = text_format("%s/%s", path, name);
	struct walk next = *walk;

	next.chain = name;
	next.each = walk_revision;
	return below ? walk_dir(&next, below) : fail_memory();
}

static int walk_netns(struct walk *walk, const char *path, const char *name)
{
	auto_(mem) char *below = text_format("%s/%s", path, name);
	struct walk next = *walk;

	next.netns = name;
	next.each = walk_chain;
	return below ? walk_dir(&next, below) : fail_memory();
}

int store_list(const struct store *store, struct store_entries *ret_entries)
{
	auto_(store_entries) struct store_entries entries = { 0 };
	struct walk walk = { .entries = &entries, .each = walk_netns };
	int r = 0;

	if (store->root_fd >= 0)
		r = walk_dir(&walk, DAISY_ROOT);
	if (r < 0)
		return r;
	*ret_entries = entries;
	entries = (struct store_entries){ 0 };
	return 0;
}

static int tidy_chain(struct walk *walk, const char *path, const char *name)
{
	auto_(mem) char *below = text_format("%s/%s", path, name);

	/* The kernel refuses while anything is in it. */
	if (below)
		rmdir(below);
	return 0;
}

static int tidy_netns(struct walk *walk, const char *path, const char *name)
{
	auto_(mem) char *below = text_format("%s/%s", path, name);
	struct walk next = { .each = tidy_chain };

	if (below) {
		walk_dir(&next, below);
		rmdir(below);
	}
	return 0;
}

void store_tidy(const struct store *store)
{
	struct error_aside aside = { 0 };
	struct walk walk = { .each = tidy_netns };

	error_put_aside(&aside);
	if (store->root_fd >= 0)
		walk_dir(&walk, DAISY_ROOT);
	error_put_back(&aside);
}
