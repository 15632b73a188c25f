#define _GNU_SOURCE
#include "subscriber.h"
#include "connection.h"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

uint64_t heard, opened, failures;
void (*on_message)(uint32_t number);

static const char *fields_of(const char *way) {
    if (!strcmp(way, "socket")) {
        return "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
               "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    }
    return !strcmp(way, "events") ? "Accept: text/event-stream\r\n" : "";
}

static bool ask(int fd, int port, const char *path, const char *query, const char *fields) {
    char text[1024];
    int length = snprintf(text, sizeof text, "GET %s%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s\r\n",
        path, query, port, fields);
    return write_all(fd, text, length);
}

// Asks once for the position, as whoever begins to poll does, and then for what is newer.
static bool begin_to_poll(int fd, int port, const char *path) {
    char head[4096], position[64], length[16], body[1 << 12], query[128];
    if (!ask(fd, port, path, "", "") || !read_head(fd, head, sizeof head)) return false;
    if (!field_in(head, "\r\nroom-position:", position, sizeof position)) return false;
    if (!field_in(head, "\r\ncontent-length:", length, sizeof length)) return false;
    size_t count = atol(length);
    if (count > sizeof body || recv(fd, body, count, MSG_WAITALL) != (ssize_t)count) return false;
    snprintf(query, sizeof query, "?after=%s&wait=60", position);
    return ask(fd, port, path, query, "");
}

bool subscriber_open(Subscriber *s, const char *way, const char *path, int i, int port, int receive_buffer) {
    char head[4096] = "";
    bool is_socket = !strcmp(way, "socket");
    int fd = connect_from(i, port, receive_buffer);
    if (fd < 0) return false;
    *s = (Subscriber){.fd = fd, .is_socket = is_socket};
    if (!strcmp(way, "poll")) {
        if (begin_to_poll(fd, port, path)) return true;
    } else if (ask(fd, port, path, strcmp(way, "iframe") ? "" : "?stream=iframe", fields_of(way))
               && read_head(fd, head, sizeof head) && !strncmp(head + 9, is_socket ? "101" : "200", 3)) {
        return true;
    }
    fprintf(stderr, "%s number %d: expected to be answered, found %.40s\n", way, i, head);
    close(fd);
    return false;
}

bool subscriber_wait(const Subscriber *s) {
    struct pollfd one = {.fd = s->fd, .events = POLLIN};
    return poll(&one, 1, 10000) == 1;
}

static void got_message(Subscriber *s, uint32_t number) {
    heard++;
    if (number && s->last && number != s->last + 1) failures++;
    if (number) s->last = number;
    on_message(number);
}

static void read_text(Subscriber *s, const uint8_t *p, size_t length) {
    for (const uint8_t *end = p + length; p < end;) {
        if (!s->matched && !(p = memchr(p, MARK[0], end - p))) return;
        uint8_t byte = *p++;
        if (s->matched < sizeof MARK - 1) {
            s->matched = byte == MARK[s->matched] ? s->matched + 1 : 0;
            s->number = 0;
            continue;
        }
        s->number = s->number << 4 | (byte <= '9' ? byte - '0' : byte - 'a' + 10);
        if (++s->matched < sizeof MARK - 1 + DIGITS) continue;
        s->matched = 0;
        got_message(s, s->number);
    }
}

// RFC 6455 §5.2. True if the head is whole, and then the length of its payload is set.
static bool read_frame_head(Subscriber *s, uint8_t byte) {
    s->head[s->head_length++] = byte;
    if (s->head_length < 2) return false;
    uint8_t length = s->head[1] & 127;
    size_t whole = length == 126 ? 4 : length == 127 ? 10 : 2;
    if (s->head_length < whole) return false;
    s->frame_left = length < 126 ? length : 0;
    for (size_t i = 2; i < whole; i++) s->frame_left = s->frame_left << 8 | s->head[i];
    s->head_length = 0;
    return true;
}

static void read_frames(Subscriber *s, const uint8_t *p, size_t length) {
    while (length) {
        if (s->frame_left) {
            size_t take = s->frame_left < length ? s->frame_left : length;
            if (s->head[0] == 0x81) read_text(s, p, take);
            s->frame_left -= take; p += take; length -= take;
            continue;
        }
        length--;
        if (!read_frame_head(s, *p++)) continue;
        // A ping, which has no payload here; anything else that is no text is not expected.
        static const uint8_t pong[6] = {0x8a, 0x80};
        if (s->head[0] == 0x89) write_all(s->fd, pong, sizeof pong);
        else if (s->head[0] != 0x81) failures++;
    }
}

bool subscriber_read(Subscriber *s) {
    static uint8_t bytes[1 << 18];
    ssize_t length = recv(s->fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (length < 0 && (errno == EAGAIN || errno == EINTR)) return true;
    if (length <= 0) { failures++; return false; }
    if (!s->is_open) { s->is_open = true; opened++; }
    if (s->is_socket) read_frames(s, bytes, length);
    else read_text(s, bytes, length);
    return true;
}
