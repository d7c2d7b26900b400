// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Packets in exact numbers.
 *
 * Into ingress: an XDP program that passes everything, run by the kernel on
 * frames of ours as if the device had received them; the call returns when the
 * last one has been through tc. Kernels before 5.18 cannot do that: there the
 * other end of the veth sends the same frames. All of this stays on one CPU: what
 * a veth receives is then handled before the sender goes on, so a tap in front of
 * tc that has seen the last frame means that tc has.
 */
#include "lab.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define SIZE_MAX_FRAME 1500
#define HEADERS (ETH_HLEN + sizeof(struct iphdr) + sizeof(struct udphdr))

static uint16_t ip_sum(const void *header)
{
	const uint16_t *words = header;
	uint32_t sum = 0;

	for (size_t i = 0; i < sizeof(struct iphdr) / 2; i++)
		sum += words[i];
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~(sum + (sum >> 16));
}

/* For a host that nobody is, so that what passes tc ends right behind it. */
static void frame_write(uint8_t *frame, size_t size, uint16_t port)
{
	static const uint8_t ethernet[ETH_HLEN] = { 2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 2, 8, 0 };
	struct iphdr ip = {
		.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP,
		.tot_len = htons((uint16_t)(size - ETH_HLEN)),
		.saddr = inet_addr(LAB_THERE), .daddr = inet_addr("10.9.8.9"),
	};
	struct udphdr udp = {
		.source = htons(4000), .dest = htons(port),
		.len = htons((uint16_t)(size - ETH_HLEN - sizeof(ip))),
	};

	ip.check = ip_sum(&ip);
	memset(frame, 0, size);
	memcpy(frame, ethernet, ETH_HLEN);
	memcpy(frame + ETH_HLEN, &ip, sizeof(ip));
	memcpy(frame + ETH_HLEN + sizeof(ip), &udp, sizeof(udp));
}

static int pass_load(void)
{
	const struct bpf_insn instructions[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "lab_pass", "GPL", instructions, ARRAY_SIZE(instructions), NULL);

	cr_assert_geq(fd, 0, "XDP program: %s", strerror(errno));
	return fd;
}

/* False when the kernel does not know how. */
static bool send_live(const uint8_t *bytes, size_t size, unsigned int ifindex, size_t count)
{
	auto_(fd) int fd = pass_load();
	struct xdp_md context = { .data_end = (uint32_t)size, .ingress_ifindex = ifindex };
	LIBBPF_OPTS(bpf_test_run_opts, options,
		    .data_in = bytes, .data_size_in = (uint32_t)size,
		    .ctx_in = &context, .ctx_size_in = sizeof(context),
		    .repeat = (int)count, .flags = BPF_F_TEST_XDP_LIVE_FRAMES);
	int r = bpf_prog_test_run_opts(fd, &options);

	if (r == -EINVAL || r == -ENOTSUP)
		return false;
	cr_assert_eq(r, 0, "live frames into ifindex %u: %s", ifindex, strerror(-r));
	return true;
}

/* A packet socket for all that passes @dev, opened in the namespace @netns_fd. */
static int tap_open(int netns_fd, const char *dev, int protocol)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_protocol = htons((uint16_t)protocol) };
	int fd;

	cr_assert_eq(setns(netns_fd, CLONE_NEWNET), 0);
	address.sll_ifindex = (int)if_nametoindex(dev);
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	cr_assert_geq(fd, 0);
	cr_assert_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0, "%s: %s", dev, strerror(errno));
	cr_assert_eq(setns(lab.home_fd, CLONE_NEWNET), 0);
	return fd;
}

static bool readable(int fd)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };

	return poll(&wait, 1, LAB_WAIT_MS) == 1;
}

static void send_over_veth(const uint8_t *bytes, size_t size, const char *dev, size_t count)
{
	auto_(fd) int from = tap_open(lab.far_fd, lab.peer, 0);
	auto_(fd) int tap = tap_open(lab.home_fd, dev, ETH_P_ALL);
	uint8_t buffer[SIZE_MAX_FRAME];

	cr_assert_str_eq(dev, lab.dev, "this kernel can send frames into %s only", lab.dev);
	for (size_t i = 0; i < count; i++) {
		cr_assert_eq(send(from, bytes, size, 0), (ssize_t)size);
		cr_assert(readable(tap));
		cr_assert_eq(recv(tap, buffer, sizeof(buffer), 0), (ssize_t)size);
	}
}

static void send_here(const struct lab_frame *frame, size_t count)
{
	const char *dev = frame->dev ? frame->dev : lab.dev;
	size_t size = frame->size ? frame->size : LAB_SIZE;
	uint8_t bytes[SIZE_MAX_FRAME];

	cr_assert(size >= HEADERS && size <= sizeof(bytes));
	frame_write(bytes, size, frame->port ? frame->port : LAB_PORT);
	if (!send_live(bytes, size, if_nametoindex(dev), count))
		send_over_veth(bytes, size, dev, count);
}

static void move_to_cpu(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	cr_assert_eq(sched_setaffinity(0, sizeof(set), &set), 0, "CPU %d: %s", cpu, strerror(errno));
}

void lab_send_frames(const struct lab_frame *frame, size_t count)
{
	move_to_cpu(frame->cpu);
	send_here(frame, count);
	move_to_cpu(0);
}

void lab_send(size_t count)
{
	lab_send_frames(&(struct lab_frame){ 0 }, count);
}

bool lab_two_cpus(void)
{
	return sysconf(_SC_NPROCESSORS_ONLN) > 1;
}

/* --- real sockets */

static struct sockaddr_in address_of(const char *host, uint16_t port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = inet_addr(host) };
}

/* In the namespace @netns_fd, bound to @host and @port (0: any). */
static int udp_open(int netns_fd, const char *host, uint16_t port)
{
	struct sockaddr_in address = address_of(host, port);
	int fd;

	cr_assert_eq(setns(netns_fd, CLONE_NEWNET), 0);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	cr_assert_geq(fd, 0);
	cr_assert_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0, "%s:%u: %s", host, port, strerror(errno));
	cr_assert_eq(setns(lab.home_fd, CLONE_NEWNET), 0);
	return fd;
}

/* Takes what is there; with @wait for the first one. */
static size_t udp_take(int fd, bool wait)
{
	char buffer[64];
	size_t count = 0;

	if (wait && !readable(fd))
		return 0;
	while (recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT) >= 0)
		count++;
	return count;
}

void lab_udp(bool outwards, uint16_t port, size_t sent, size_t arrive)
{
	const char *from = outwards ? LAB_HERE : LAB_THERE, *to = outwards ? LAB_THERE : LAB_HERE;
	auto_(fd) int out = udp_open(outwards ? lab.home_fd : lab.far_fd, from, 0);
	auto_(fd) int in = udp_open(outwards ? lab.far_fd : lab.home_fd, to, port);
	struct sockaddr_in address = address_of(to, port);
	size_t arrived = 0, last = 1;

	for (size_t i = 0; i < sent; i++) {
		/* A chain that drops on egress may answer ENOBUFS: dropped all the same. */
		ssize_t r = sendto(out, "daisy", 5, 0, (struct sockaddr *)&address, sizeof(address));

		cr_assert(r == 5 || errno == ENOBUFS, "sending to port %u: %s", port, strerror(errno));
		arrived += udp_take(in, false);
	}
	while (arrived < arrive && last) {
		last = udp_take(in, true);
		arrived += last;
	}
	cr_expect_eq(arrived, arrive, "%zu of %zu datagrams to port %u arrived, not %zu", arrived, sent, port, arrive);
}
