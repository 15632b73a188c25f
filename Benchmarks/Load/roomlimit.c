// roomlimit: the least that a room's server can do on this machine, on one thread: one recv for a post, and one send for
// each subscriber. It understands roomload's sockets and posts and nothing else; it is the floor to compare with, not a
// server.
//
//   cc -O2 -o roomlimit roomlimit.c && ./roomlimit PORT
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

static const char welcome[] = "HTTP/1.1 101 Switching Protocols\r\n\r\n\x81\x02{}";
static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

static int subscribers[1 << 15], subscriber_count;

static void publish(const char *text, size_t length) {
    char frame[128] = {(char)0x81, (char)length};
    memcpy(frame + 2, text, length);
    for (int i = 0; i < subscriber_count; i++) send(subscribers[i], frame, length + 2, MSG_NOSIGNAL);
}

static void serve(int fd) {
    static char bytes[65536];
    ssize_t n = recv(fd, bytes, sizeof bytes - 1, 0);
    if (n <= 0) { close(fd); return; }
    bytes[n] = 0;
    char *body = strstr(bytes, "\r\n\r\n");
    if (!body) return;
    body += 4;
    if (bytes[0] == 'P') {
        size_t length = bytes + n - body;
        if (length < 126) publish(body, length);
        send(fd, answer, sizeof answer - 1, MSG_NOSIGNAL);
    } else {
        subscribers[subscriber_count++] = fd;
        send(fd, welcome, sizeof welcome - 1, MSG_NOSIGNAL);
    }
}

int main(int argc, char **argv) {
    if (argc < 2) return 2;
    int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (void *)&at, sizeof at) || listen(listener, 1024)) return 1;
    int epfd = epoll_create1(0);
    struct epoll_event want = {.events = EPOLLIN, .data.fd = listener}, got[512];
    epoll_ctl(epfd, EPOLL_CTL_ADD, listener, &want);
    for (;;) {
        int count = epoll_wait(epfd, got, 512, -1);
        for (int i = 0; i < count; i++) {
            if (got[i].data.fd != listener) { serve(got[i].data.fd); continue; }
            want.data.fd = accept4(listener, 0, 0, SOCK_NONBLOCK);
            setsockopt(want.data.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
            epoll_ctl(epfd, EPOLL_CTL_ADD, want.data.fd, &want);
        }
    }
}
