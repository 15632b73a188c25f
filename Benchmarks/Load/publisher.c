#define _GNU_SOURCE
#include "publisher.h"
#include "connection.h"
#include "subscriber.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

int publisher_fd;
uint64_t answered;
char last_answer[1024];

bool publisher_connect(int port) {
    publisher_fd = connect_from(0, port, 0);
    return publisher_fd >= 0;
}

bool publisher_post(int port, const char *path, size_t bytes, uint32_t number) {
    static char text[1 << 17];
    enum { AROUND = sizeof "{\"text\":\"" MARK "\"}" - 1 + DIGITS };
    if (bytes < AROUND) bytes = AROUND;
    int head = snprintf(text, sizeof text, "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: %zu\r\n\r\n"
        "{\"text\":\"" MARK "%08x", path, port, bytes, number);
    if (head + bytes > sizeof text) return false;
    memset(text + head, 'x', bytes - AROUND);
    memcpy(text + head + bytes - AROUND, "\"}", 2);
    return write_all(publisher_fd, text, head + bytes - AROUND + 2);
}

bool publisher_read(void) {
    static char text[1 << 14];
    static size_t have;
    ssize_t length = recv(publisher_fd, text + have, sizeof text - 1 - have, MSG_DONTWAIT);
    if (length < 0 && (errno == EAGAIN || errno == EINTR)) return true;
    if (length <= 0) return false;
    text[have += length] = 0;
    for (char *end; (end = strstr(text, "\r\n\r\n"));) {
        char count[16] = "0";
        field_in(text, "\r\ncontent-length:", count, sizeof count);
        size_t body = atol(count), whole = end + 4 - text + body;
        if (have < whole) break;
        snprintf(last_answer, sizeof last_answer, "%.*s", (int)body, end + 4);
        if (text[9] != '2') { fprintf(stderr, "a post: %.60s\n", text); return false; }
        answered++;
        memmove(text, text + whole, have - whole + 1);
        have -= whole;
    }
    return true;
}
