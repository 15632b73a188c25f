// roomlimit: the least that a room's server can do on this machine, on one thread: one recv for a post, and one send for
// each subscriber. It understands roomload's sockets and posts and nothing else; it is the floor to compare with, not a
// server.
//
//   cc -O2 -o roomlimit roomlimit.c loop.c && ./roomlimit PORT
#include "loop.h"
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char welcome[] = "HTTP/1.1 101 Switching Protocols\r\n\r\n\x81\x02{}";
static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

static int subscribers[1 << 15], subscriber_count;

static void publish(const char *text, size_t length) {
    char frame[128] = {(char)0x81, (char)length};
    memcpy(frame + 2, text, length);
    for (int i = 0; i < subscriber_count; i++) send(subscribers[i], frame, length + 2, MSG_NOSIGNAL);
}

static void serve_once(int fd) {
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
    return argc == 2 ? serve(atoi(argv[1]), serve_once) : 2;
}
