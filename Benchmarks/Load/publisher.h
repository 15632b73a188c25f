// One connection that posts.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

extern int publisher_fd;
// How many posts were answered, and the body of the last answer.
extern uint64_t answered;
extern char last_answer[1024];

bool publisher_connect(int port);

// Posts the JSON of a message of so many bytes with a number in it.
bool publisher_post(int port, const char *path, size_t bytes, uint32_t number);

// Reads the answers that are there; false for one that is not a success, or the end of the connection.
bool publisher_read(void);
