// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What the kernel tells of the qdisc and the filters of a device's hook.
 *
 * libbpf's bpf_tc_query() answers for one prio and handle that are known; what
 * else runs on a hook, whose it is and in which order, only a netlink dump
 * tells. This room reads dumps by libmnl and changes nothing.
 */
#include "tc.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <string.h>

/* The numbers of linux/bpf.h since 6.6; the headers of Debian 12 are older. */
#define TCX_INGRESS 46
#define TCX_EGRESS 47

/* A dump that was interrupted by somebody's change is asked for again so many times. */
#define DUMP_TRIES 16

static void netlink_close(struct mnl_socket *socket)
{
	if (socket)
		mnl_socket_close(socket);
}

DEFINE_CLEANUP(netlink, struct mnl_socket *, netlink_close)

uint32_t tc_parent(enum daisy_at at)
{
	return TC_H_MAKE(TC_H_CLSACT, at == DAISY_AT_INGRESS ? TC_H_MIN_INGRESS : TC_H_MIN_EGRESS);
}

void tc_filters_clear(struct tc_filters *filters)
{
	free(filters->list);
	*filters = (struct tc_filters){ 0 };
}

static int netlink_open(struct mnl_socket **ret_socket)
{
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	int r;

	if (!socket)
		return -errno;
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		r = -errno;
		mnl_socket_close(socket);
		return r;
	}
	*ret_socket = socket;
	return 0;
}

static int dump_send(struct mnl_socket *socket, uint16_t type, uint32_t ifindex, uint32_t parent)
{
	uint8_t buffer[MNL_NLMSG_HDRLEN + MNL_ALIGN(sizeof(struct tcmsg))] = { 0 };
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	struct tcmsg *tc;

	message->nlmsg_type = type;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	message->nlmsg_seq = 1;
	tc = mnl_nlmsg_put_extra_header(message, sizeof(*tc));
	tc->tcm_family = AF_UNSPEC;
	tc->tcm_ifindex = (int)ifindex;
	tc->tcm_parent = parent;
	while (mnl_socket_sendto(socket, message, message->nlmsg_len) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return 0;
}

static int dump_receive(struct mnl_socket *socket, mnl_cb_t callback, void *data)
{
	/* A dump's part is at most as large as what the reader offers, up to 32 KiB. */
	static const size_t size = 32768;
	auto_(mem) uint8_t *buffer = malloc(size);
	int r = MNL_CB_OK;

	if (!buffer)
		return -ENOMEM;
	while (r > MNL_CB_STOP) {
		ssize_t got = mnl_socket_recvfrom(socket, buffer, size);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		r = mnl_cb_run(buffer, (size_t)got, 1, mnl_socket_get_portid(socket), callback, data);
	}
	return r < 0 ? -errno : 0;
}

/* -EINTR: the list changed while it was read, and what came may be no list that ever was. */
static int dump_once(uint16_t type, uint32_t ifindex, uint32_t parent, mnl_cb_t callback, void *data)
{
	auto_(netlink) struct mnl_socket *socket = NULL;
	int r;

	r = netlink_open(&socket);
	if (r < 0)
		return r;
	r = dump_send(socket, type, ifindex, parent);
	if (r < 0)
		return r;
	return dump_receive(socket, callback, data);
}

static int attr_collect(const struct nlattr *attr, void *data)
{
	const struct nlattr **attrs = data;

	if (mnl_attr_get_type(attr) <= TCA_MAX)
		attrs[mnl_attr_get_type(attr)] = attr;
	return MNL_CB_OK;
}

_Static_assert(TCA_BPF_MAX <= TCA_MAX, "one table serves both");

static void filter_read_bpf(struct tc_filter *filter, const struct nlattr *options)
{
	const struct nlattr *attrs[TCA_MAX + 1] = { 0 };

	mnl_attr_parse_nested(options, attr_collect, attrs);
	if (attrs[TCA_BPF_ID])
		filter->prog_id = mnl_attr_get_u32(attrs[TCA_BPF_ID]);
	if (attrs[TCA_BPF_NAME])
		snprintf(filter->name, sizeof(filter->name), "%s", mnl_attr_get_str(attrs[TCA_BPF_NAME]));
	if (attrs[TCA_BPF_TAG] && mnl_attr_get_payload_len(attrs[TCA_BPF_TAG]) == DAISY_TAG_SIZE) {
		memcpy(filter->tag, mnl_attr_get_payload(attrs[TCA_BPF_TAG]), DAISY_TAG_SIZE);
		filter->has_tag = true;
	}
}

static int filters_append(struct tc_filters *filters, const struct tc_filter *filter)
{
	struct tc_filter *grown = reallocarray(filters->list, filters->count + 1, sizeof(*grown));

	if (!grown) {
		errno = ENOMEM;
		return MNL_CB_ERROR;
	}
	grown[filters->count++] = *filter;
	filters->list = grown;
	return MNL_CB_OK;
}

/* The head of a list of filters, or a hash table of u32: kept by the kernel for itself, no packet meets it alone. */
static bool is_structure(const struct tc_filter *filter)
{
	return filter->handle == 0 || (strcmp(filter->kind, "u32") == 0 && (filter->handle & 0xfff) == 0);
}

static int filter_read(const struct nlmsghdr *message, void *data)
{
	const struct nlattr *attrs[TCA_MAX + 1] = { 0 };
	const struct tcmsg *tc = mnl_nlmsg_get_payload(message);
	struct tc_filter filter = { .handle = tc->tcm_handle };
	struct tc_filters *filters = data;

	if (message->nlmsg_type != RTM_NEWTFILTER)
		return MNL_CB_OK;
	filters->told++;
	mnl_attr_parse(message, sizeof(*tc), attr_collect, attrs);
	filter.prio = TC_H_MAJ(tc->tcm_info) >> 16;
	filter.protocol = ntohs((uint16_t)TC_H_MIN(tc->tcm_info));
	if (attrs[TCA_KIND])
		snprintf(filter.kind, sizeof(filter.kind), "%s", mnl_attr_get_str(attrs[TCA_KIND]));
	if (attrs[TCA_CHAIN])
		filter.chain = mnl_attr_get_u32(attrs[TCA_CHAIN]);
	if (is_structure(&filter))
		return MNL_CB_OK;
	if (attrs[TCA_OPTIONS] && strcmp(filter.kind, "bpf") == 0)
		filter_read_bpf(&filter, attrs[TCA_OPTIONS]);
	return filters_append(filters, &filter);
}

int tc_filters_read(uint32_t ifindex, enum daisy_at at, struct tc_filters *ret_filters)
{
	auto_(tc_filters) struct tc_filters filters = { 0 };
	int r = -EINTR;

	for (int i = 0; i < DUMP_TRIES && r == -EINTR; i++) {
		tc_filters_clear(&filters);
		r = dump_once(RTM_GETTFILTER, ifindex, tc_parent(at), filter_read, &filters);
	}
	/* The kernel's words for a device that is gone, and for one without the qdisc. */
	if (r == -ENODEV || r == -ENOENT)
		tc_filters_clear(&filters);
	else if (r < 0)
		return r;
	*ret_filters = filters;
	filters = (struct tc_filters){ 0 };
	return 0;
}

void tc_qdiscs_clear(struct tc_qdiscs *qdiscs)
{
	free(qdiscs->list);
	*qdiscs = (struct tc_qdiscs){ 0 };
}

const char *tc_qdisc_kind(const struct tc_qdiscs *qdiscs, uint32_t ifindex)
{
	for (size_t i = 0; i < qdiscs->count; i++) {
		if (qdiscs->list[i].ifindex == ifindex)
			return qdiscs->list[i].kind;
	}
	return "";
}

static int qdisc_read(const struct nlmsghdr *message, void *data)
{
	const struct nlattr *attrs[TCA_MAX + 1] = { 0 };
	const struct tcmsg *tc = mnl_nlmsg_get_payload(message);
	struct tc_qdiscs *qdiscs = data;
	struct tc_qdisc *grown, qdisc = { .ifindex = (uint32_t)tc->tcm_ifindex };

	if (message->nlmsg_type != RTM_NEWQDISC || tc->tcm_parent != TC_H_CLSACT)
		return MNL_CB_OK;
	mnl_attr_parse(message, sizeof(*tc), attr_collect, attrs);
	if (attrs[TCA_KIND])
		snprintf(qdisc.kind, sizeof(qdisc.kind), "%s", mnl_attr_get_str(attrs[TCA_KIND]));
	grown = reallocarray(qdiscs->list, qdiscs->count + 1, sizeof(*grown));
	if (!grown) {
		errno = ENOMEM;
		return MNL_CB_ERROR;
	}
	grown[qdiscs->count++] = qdisc;
	qdiscs->list = grown;
	return MNL_CB_OK;
}

_Static_assert(TC_H_CLSACT == TC_H_INGRESS, "clsact and ingress share one place");

int tc_qdiscs_read(struct tc_qdiscs *ret_qdiscs)
{
	auto_(tc_qdiscs) struct tc_qdiscs qdiscs = { 0 };
	int r = -EINTR;

	for (int i = 0; i < DUMP_TRIES && r == -EINTR; i++) {
		tc_qdiscs_clear(&qdiscs);
		/* The kernel dumps those of all devices, whichever is asked for. */
		r = dump_once(RTM_GETQDISC, 0, 0, qdisc_read, &qdiscs);
	}
	if (r < 0)
		return r;
	*ret_qdiscs = qdiscs;
	qdiscs = (struct tc_qdiscs){ 0 };
	return 0;
}

int tc_qdisc_read(uint32_t ifindex, char kind[16])
{
	auto_(tc_qdiscs) struct tc_qdiscs qdiscs = { 0 };
	int r = tc_qdiscs_read(&qdiscs);

	if (r == 0)
		snprintf(kind, 16, "%s", tc_qdisc_kind(&qdiscs, ifindex));
	return r;
}

int tc_tcx_read(uint32_t ifindex, enum daisy_at at, uint32_t *ids, uint32_t *count)
{
	int r = bpf_prog_query((int)ifindex, at == DAISY_AT_INGRESS ? TCX_INGRESS : TCX_EGRESS, 0, NULL, ids, count);

	if (r < 0)
		*count = 0;
	/* Kernels before 6.6 know no such attach type. */
	return r == -EINVAL || r == -ENODEV || r == -ENOENT ? 0 : r;
}
