#define _GNU_SOURCE
#include "loop.h"
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>

int serve(int port, void (*readable)(int fd)) {
    int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (void *)&at, sizeof at) || listen(listener, 1024)) return 1;
    int epfd = epoll_create1(0);
    struct epoll_event want = {.events = EPOLLIN, .data.fd = listener}, got[512];
    epoll_ctl(epfd, EPOLL_CTL_ADD, listener, &want);
    for (;;) {
        int count = epoll_wait(epfd, got, 512, -1);
        for (int i = 0; i < count; i++) {
            if (got[i].data.fd != listener) { readable(got[i].data.fd); continue; }
            want.data.fd = accept4(listener, 0, 0, SOCK_NONBLOCK);
            setsockopt(want.data.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
            epoll_ctl(epfd, EPOLL_CTL_ADD, want.data.fd, &want);
        }
    }
}
