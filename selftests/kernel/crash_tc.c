// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Qdiscs and filters as the kernel lists them, by netlink: `tc` says the same, but
 * a scene asks some thousand times.
 */
#include "crash_parts.h"

#include <libmnl/libmnl.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

static int attr_take(const struct nlattr *attr, void *data)
{
	const struct nlattr **attrs = data;

	if (mnl_attr_get_type(attr) <= TCA_MAX)
		attrs[mnl_attr_get_type(attr)] = attr;
	return MNL_CB_OK;
}

static const char *text_of(const struct nlattr *attr)
{
	return attr ? mnl_attr_get_str(attr) : "";
}

static void program_write(FILE *out, const struct nlattr *options)
{
	const struct nlattr *attrs[TCA_MAX + 1] = { 0 };

	mnl_attr_parse_nested(options, attr_take, attrs);
	fprintf(out, " %s id %u", text_of(attrs[TCA_BPF_NAME]), attrs[TCA_BPF_ID] ? mnl_attr_get_u32(attrs[TCA_BPF_ID]) : 0);
}

/* One line; the list of a device's qdiscs, or of a hook's filters with their heads. */
static int message_write(const struct nlmsghdr *message, void *data)
{
	const struct tcmsg *tc = mnl_nlmsg_get_payload(message);
	const struct nlattr *attrs[TCA_MAX + 1] = { 0 };
	FILE *out = data;

	mnl_attr_parse(message, sizeof(*tc), attr_take, attrs);
	fprintf(out, "%s dev %d parent %x handle %x prio %u %s", message->nlmsg_type == RTM_NEWQDISC ? "qdisc" : "filter",
		tc->tcm_ifindex, tc->tcm_parent, tc->tcm_handle, tc->tcm_info >> 16, text_of(attrs[TCA_KIND]));
	if (message->nlmsg_type == RTM_NEWTFILTER && attrs[TCA_OPTIONS])
		program_write(out, attrs[TCA_OPTIONS]);
	fputc('\n', out);
	return MNL_CB_OK;
}

static void dump_ask(struct mnl_socket *socket, uint16_t type, unsigned int ifindex, uint32_t parent)
{
	uint8_t buffer[MNL_NLMSG_HDRLEN + MNL_ALIGN(sizeof(struct tcmsg))] = { 0 };
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	struct tcmsg *tc = mnl_nlmsg_put_extra_header(message, sizeof(*tc));

	message->nlmsg_type = type;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	tc->tcm_ifindex = (int)ifindex;
	tc->tcm_parent = parent;
	cr_assert_geq(mnl_socket_sendto(socket, message, message->nlmsg_len), 0);
}

/* An error is the end, too: a device without the qdisc has no list. */
static void dump_write(FILE *out, struct mnl_socket *socket, uint16_t type, unsigned int ifindex, uint32_t parent)
{
	uint8_t buffer[32768];
	int r = MNL_CB_OK;

	dump_ask(socket, type, ifindex, parent);
	while (r > MNL_CB_STOP) {
		ssize_t size = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));

		cr_assert_gt(size, 0);
		r = mnl_cb_run(buffer, (size_t)size, 0, 0, message_write, out);
	}
}

char *tc_text(const char *const devices[], size_t count)
{
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	cr_assert_not_null(socket);
	dump_write(out, socket, RTM_GETQDISC, 0, 0);
	for (size_t i = 0; i < count; i++) {
		unsigned int ifindex = if_nametoindex(devices[i]);

		dump_write(out, socket, RTM_GETTFILTER, ifindex, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS));
		dump_write(out, socket, RTM_GETTFILTER, ifindex, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS));
	}
	mnl_socket_close(socket);
	fclose(out);
	return text;
}
