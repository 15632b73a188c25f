#include "messages.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WINDOW_BYTES = 32 << 10, MOST_MESSAGES = 64 };

static const char *const words[] = {
    "about", "after", "again", "answer", "because", "before", "better", "between", "bring", "build", "carafe",
    "change", "channel", "coffee", "connection", "could", "deploy", "different", "evening", "everybody", "example",
    "finally", "forgot", "friday", "getting", "great", "hello", "house", "idea", "issue", "later", "letter", "machine",
    "maybe", "meeting", "message", "minutes", "morning", "never", "number", "please", "problem", "question", "quick",
    "ready", "release", "request", "review", "right", "second", "server", "should", "something", "start", "table",
    "thanks", "their", "there", "think", "tomorrow", "train", "under", "until", "waiting", "water", "where", "window",
    "without", "wonder", "working", "would", "yesterday",
};

static struct { Bytes text, frame, known; } messages[MOST_MESSAGES];
static size_t count;
static bool is_window_kept; // by the server, from message to message
static uint8_t *inflated;   // room for one message, and a byte more

static uint32_t next_random(void) { // xorshift, the same messages in every run
    static uint32_t state = 2463534242;
    state ^= state << 13; state ^= state >> 17; state ^= state << 5;
    return state;
}

static uint32_t below(uint32_t limit) { return next_random() % limit; }

static const char *random_word(void) { return words[below(sizeof words / sizeof *words)]; }

// The start of a list of chat messages as JSON, ASCII: deflate makes about two fifths of it.
static Bytes make_text(size_t length) {
    uint8_t *text = malloc(length + 512);
    size_t at = 0;
    while (at < length) {
        char *end = (char *)text + at;
        end += sprintf(end, "%c{\"id\":%u,", at ? ',' : '[', next_random());
        end += sprintf(end, "\"user\":\"%s%u\",", random_word(), below(100));
        end += sprintf(end, "\"at\":\"2026-11-%02uT%02u:%02u:%02uZ\",", 1 + below(28), below(24), below(60), below(60));
        end += sprintf(end, "\"text\":\"%s", random_word());
        for (uint32_t more = 4 + below(16); more > 0; more--) end += sprintf(end, " %s", random_word());
        at = end + sprintf(end, "\"}") - (char *)text;
    }
    return (Bytes){text, length};
}

static Bytes compress_text(Bytes text, int window_bits) {
    z_stream stream = {0};
    deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -window_bits, 8, Z_DEFAULT_STRATEGY);
    size_t room = deflateBound(&stream, text.length) + 16;
    uint8_t *bytes = malloc(room);
    stream.next_in = text.bytes; stream.avail_in = text.length;
    stream.next_out = bytes; stream.avail_out = room;
    deflate(&stream, Z_SYNC_FLUSH);
    size_t length = room - stream.avail_out - 4; // RFC 7692 §7.2.1: without the tail 00 00 FF FF
    deflateEnd(&stream);
    return (Bytes){bytes, length};
}

// Masked with the zero key, which leaves the bytes as they are: so the client costs little.
static Bytes make_frame(Bytes payload, bool is_compressed) {
    uint8_t *bytes = malloc(payload.length + 14);
    size_t head = 2, length = payload.length;
    bytes[0] = is_compressed ? 0xc1 : 0x81;
    if (length < 126) bytes[1] = 0x80 | length;
    else if (length < 65536) { bytes[1] = 0x80 | 126; bytes[2] = length >> 8; bytes[3] = length; head = 4; }
    else {
        bytes[1] = 0x80 | 127;
        for (int i = 0; i < 8; i++) bytes[2 + i] = (uint64_t)length >> (56 - 8 * i);
        head = 10;
    }
    memset(bytes + head, 0, 4);
    memcpy(bytes + head + 4, payload.bytes, length);
    return (Bytes){bytes, head + 4 + length};
}

bool messages_prepare(size_t length, const char *extensions) {
    int window_bits = 15;
    if (extensions) {
        const char *limit = strstr(extensions, "client_max_window_bits=");
        if (limit) window_bits = atoi(limit + strlen("client_max_window_bits="));
        if (strncmp(extensions, "permessage-deflate", 18) || window_bits < 9 || window_bits > 15) return false;
        is_window_kept = !strstr(extensions, "server_no_context_takeover");
    }
    count = length ? 2 * WINDOW_BYTES / length : 1;
    if (count < 1) count = 1;
    if (count > MOST_MESSAGES) count = MOST_MESSAGES;
    inflated = malloc(length + 1);
    for (size_t i = 0; i < count; i++) {
        messages[i].text = make_text(length);
        Bytes payload = extensions ? compress_text(messages[i].text, window_bits) : messages[i].text;
        messages[i].frame = make_frame(payload, extensions);
    }
    return true;
}

Bytes message_frame(uint64_t i) { return messages[i % count].frame; }

static bool equal(Bytes one, Bytes other) {
    return one.length == other.length && !memcmp(one.bytes, other.bytes, one.length);
}

// RFC 7692 §7.2.2: append 00 00 FF FF and inflate.
static bool inflates_to(Bytes text, Bytes payload, z_stream *stream) {
    static uint8_t tail[] = {0, 0, 0xff, 0xff};
    stream->next_out = inflated; stream->avail_out = text.length + 1;
    stream->next_in = payload.bytes; stream->avail_in = payload.length;
    if (inflate(stream, Z_SYNC_FLUSH) != Z_OK || stream->avail_in) return false;
    stream->next_in = tail; stream->avail_in = sizeof tail;
    int result = inflate(stream, Z_SYNC_FLUSH);
    if ((result != Z_OK && result != Z_BUF_ERROR) || stream->avail_in) return false;
    return equal((Bytes){inflated, text.length + 1 - stream->avail_out}, text);
}

static z_stream *make_inflater(z_stream **inflater) {
    if (*inflater) return *inflater;
    *inflater = calloc(1, sizeof **inflater);
    inflateInit2(*inflater, -15);
    return *inflater;
}

bool message_is(uint64_t i, bool is_compressed, Bytes payload, z_stream **inflater) {
    Bytes text = messages[i % count].text, *known = &messages[i % count].known;
    if (!is_compressed) return equal(payload, text);
    if (is_window_kept) return inflates_to(text, payload, make_inflater(inflater));
    if (equal(payload, *known)) return true;
    static z_stream *shared;
    inflateReset(make_inflater(&shared));
    if (!inflates_to(text, payload, shared)) return false;
    known->bytes = realloc(known->bytes, payload.length);
    memcpy(known->bytes, payload.bytes, known->length = payload.length);
    return true;
}
