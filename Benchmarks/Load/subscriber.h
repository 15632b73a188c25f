// Who reads a room, by one way of its route or another.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    int fd;
    bool is_socket, is_open;   // open: something came after the answer's head
    uint8_t head[14];          // of a WebSocket's frame
    size_t head_length;
    uint64_t frame_left;       // of its payload
    size_t matched;            // of a message's mark
    uint32_t number;           // of a message, as far as it is read
    uint32_t last;             // the number of the last message
} Subscriber;

// A message is marked by this and eight hexadecimal digits, its number; 0 for one that the server made itself.
#define MARK "@@"
enum { DIGITS = 8 };

// What is heard, and what was wrong: a connection that ended, a message that is not the next.
extern uint64_t heard, opened, failures;

// Called for each message.
extern void (*on_message)(uint32_t number);

// Opens subscriber number i. `way` is "socket", "events", "iframe", or "poll", which asks once and then waits for what is
// newer. With a receive buffer it is one that will not read. False if that fails, which is said.
bool subscriber_open(Subscriber *s, const char *way, const char *path, int i, int port, int receive_buffer);

// Waits until something came after the answer's head, and leaves it.
bool subscriber_wait(const Subscriber *s);

// Reads what is there; false if the connection is over.
bool subscriber_read(Subscriber *s);
