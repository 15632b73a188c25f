#define _GNU_SOURCE
#include "connection.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + t.tv_nsec * 1e-9; }

// As over Ethernet: the system keeps some ten segments, twice, for each connection that takes none, and segments of
// 127.0.0.1 have 64 KiB, so that a thousand of these would take all the memory that it has for TCP.
static void be_far(int fd, int receive_buffer) {
    int segment = 1448;
    setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
}

int connect_from(int i, int port, int receive_buffer) {
    int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    struct sockaddr_in from = {.sin_family = AF_INET}, to = {.sin_family = AF_INET, .sin_port = htons(port)};
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + i / 20000); // past the ports of one address
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    // A port that another server's connection still holds in TIME_WAIT is as good as any.
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    if (receive_buffer) be_far(fd, receive_buffer);
    if (!bind(fd, (void *)&from, sizeof from) && !connect(fd, (void *)&to, sizeof to)) return fd;
    perror("connect"); close(fd); return -1;
}

bool write_all(int fd, const void *data, size_t length) {
    const uint8_t *p = data;
    while (length) {
        ssize_t n = send(fd, p, length, MSG_NOSIGNAL);
        if (n > 0) { p += n; length -= n; continue; }
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        return false;
    }
    return true;
}

bool read_head(int fd, char *answer, size_t room) {
    for (size_t have = 0; have < room - 1;) {
        ssize_t seen = recv(fd, answer + have, room - 1 - have, MSG_PEEK);
        if (seen <= 0) return false;
        answer[have + seen] = 0;
        char *end = strstr(answer, "\r\n\r\n");
        size_t take = end ? (size_t)(end + 4 - answer) - have : (size_t)seen;
        if (recv(fd, answer + have, take, 0) != (ssize_t)take) return false;
        have += take; answer[have] = 0;
        if (end) return true;
    }
    return false;
}

bool field_in(const char *head, const char *name, char *value, size_t room) {
    const char *at = strcasestr(head, name);
    if (!at) return false;
    at += strlen(name);
    at += strspn(at, " \t");
    snprintf(value, room, "%.*s", (int)strcspn(at, "\r"), at);
    return true;
}

void raise_file_limit(void) {
    struct rlimit limit = {1 << 20, 1 << 20};
    if (!setrlimit(RLIMIT_NOFILE, &limit)) return;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}
