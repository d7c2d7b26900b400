// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Traffic for the demo, in exact numbers and bounded in time.
 *
 *     traffic udp-send HOST PORT COUNT        COUNT datagrams
 *     traffic udp-flow HOST PORT              datagrams until standard input ends; prints how many
 *     traffic udp-receive HOST PORT COUNT     until COUNT have come; prints how many came
 *     traffic tcp-send HOST PORT BYTES        one connection, BYTES through it
 *     traffic tcp-receive HOST PORT           one connection, to its end; prints how many bytes came
 *     traffic frames DEV                      how many frames DEV has received, as its driver counted them
 *
 * A receiver prints "ready" as soon as it can receive, so nobody has to wait for
 * it by guessing.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WAIT_MS 10000
#define PAYLOAD 64
#define FLOW_MAX 10000000UL

static void die(const char *what)
{
	fprintf(stderr, "traffic: %s: %s\n", what, strerror(errno));
	exit(1);
}

static struct sockaddr_in address_of(const char *host, const char *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)) };

	if (inet_pton(AF_INET, host, &address.sin_addr) != 1) {
		fprintf(stderr, "traffic: %s is no IPv4 address\n", host);
		exit(2);
	}
	return address;
}

static int bound(int type, const char *host, const char *port)
{
	struct sockaddr_in address = address_of(host, port);
	int fd = socket(AF_INET, type, 0), yes = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) < 0)
		die("socket");
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		die("bind");
	return fd;
}

static int connected(int type, const char *host, const char *port)
{
	struct timeval wait = { .tv_sec = WAIT_MS / 1000 };
	struct sockaddr_in address = address_of(host, port);
	int fd = socket(AF_INET, type, 0);

	if (fd < 0)
		die("socket");
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)) < 0)
		die("setsockopt");
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		die("connect");
	return fd;
}

static int readable(int fd)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };

	return poll(&wait, 1, WAIT_MS) == 1;
}

static void ready(void)
{
	puts("ready");
	fflush(stdout);
}

/* Not connected: an ICMP answer to one datagram would otherwise be told instead of sending another. */
static void udp_one(int fd, const struct sockaddr_in *to)
{
	char payload[PAYLOAD] = { 0 };

	if (sendto(fd, payload, sizeof(payload), 0, (const struct sockaddr *)to, sizeof(*to)) < 0)
		die("sendto");
}

static int udp_send(const char *host, const char *port, unsigned long count)
{
	struct sockaddr_in to = address_of(host, port);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0)
		die("socket");
	for (unsigned long i = 0; i < count; i++)
		udp_one(fd, &to);
	close(fd);
	return 0;
}

static int udp_flow(const char *host, const char *port)
{
	struct sockaddr_in to = address_of(host, port);
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	unsigned long sent = 0;

	if (fd < 0)
		die("socket");
	do {
		udp_one(fd, &to);
		/* It flows: whoever waits for that goes on now. */
		if (sent++ == 0)
			ready();
	} while (sent < FLOW_MAX && poll(&input, 1, 0) == 0);
	printf("%lu\n", sent);
	close(fd);
	return 0;
}

static int udp_receive(const char *host, const char *port, unsigned long count)
{
	int fd = bound(SOCK_DGRAM, host, port);
	char payload[PAYLOAD];
	unsigned long came = 0;

	ready();
	while (came < count && readable(fd) && recv(fd, payload, sizeof(payload), 0) >= 0)
		came++;
	/* One too many would be as wrong as one too few. */
	while (recv(fd, payload, sizeof(payload), MSG_DONTWAIT) >= 0)
		came++;
	printf("%lu\n", came);
	close(fd);
	return 0;
}

static int tcp_send(const char *host, const char *port, unsigned long bytes)
{
	int fd = connected(SOCK_STREAM, host, port);
	char payload[1024] = { 0 };

	while (bytes) {
		size_t size = bytes < sizeof(payload) ? bytes : sizeof(payload);
		ssize_t sent = send(fd, payload, size, MSG_NOSIGNAL);

		if (sent < 0)
			die("send");
		bytes -= (unsigned long)sent;
	}
	shutdown(fd, SHUT_WR);
	/* The other end closes when it has read all: then the connection's last frames are through. */
	if (readable(fd))
		recv(fd, payload, sizeof(payload), 0);
	close(fd);
	return 0;
}

static int tcp_receive(const char *host, const char *port)
{
	int listening = bound(SOCK_STREAM, host, port), fd;
	unsigned long came = 0;
	char payload[4096];
	ssize_t size;

	if (listen(listening, 1) < 0)
		die("listen");
	ready();
	if (!readable(listening))
		die("no connection");
	fd = accept(listening, NULL, NULL);
	if (fd < 0)
		die("accept");
	while (readable(fd) && (size = recv(fd, payload, sizeof(payload), 0)) > 0)
		came += (unsigned long)size;
	printf("%lu\n", came);
	close(fd);
	close(listening);
	return 0;
}

/* /proc/net/dev: "  NAME: bytes packets ...", the receiving side first. */
static int frames(const char *dev)
{
	FILE *in = fopen("/proc/net/dev", "r");
	char line[512], name[32];
	unsigned long bytes, packets;

	if (!in)
		die("/proc/net/dev");
	while (fgets(line, sizeof(line), in)) {
		if (sscanf(line, " %31[^:]: %lu %lu", name, &bytes, &packets) == 3 && strcmp(name, dev) == 0) {
			printf("%lu %lu\n", packets, bytes);
			fclose(in);
			return 0;
		}
	}
	fprintf(stderr, "traffic: no device %s\n", dev);
	fclose(in);
	return 1;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";

	if (argc == 5 && strcmp(verb, "udp-send") == 0)
		return udp_send(argv[2], argv[3], strtoul(argv[4], NULL, 10));
	if (argc == 4 && strcmp(verb, "udp-flow") == 0)
		return udp_flow(argv[2], argv[3]);
	if (argc == 5 && strcmp(verb, "udp-receive") == 0)
		return udp_receive(argv[2], argv[3], strtoul(argv[4], NULL, 10));
	if (argc == 5 && strcmp(verb, "tcp-send") == 0)
		return tcp_send(argv[2], argv[3], strtoul(argv[4], NULL, 10));
	if (argc == 4 && strcmp(verb, "tcp-receive") == 0)
		return tcp_receive(argv[2], argv[3]);
	if (argc == 3 && strcmp(verb, "frames") == 0)
		return frames(argv[2]);
	fputs("usage: traffic udp-send|udp-receive|tcp-send HOST PORT COUNT | udp-flow|tcp-receive HOST PORT | frames DEV\n",
	      stderr);
	return 2;
}
