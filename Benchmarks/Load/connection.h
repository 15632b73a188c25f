// Connections of a load generator to a server on 127.0.0.1.
#pragma once
#include <stdbool.h>
#include <stddef.h>

// Connection number i, from an address that has ports left; -1 if it fails, which is said. With a receive buffer of so
// many bytes it is like one from another machine; 0 for the system's own.
int connect_from(int i, int port, int receive_buffer);

// False if the connection is gone.
bool write_all(int fd, const void *data, size_t length);

// Takes what ends with an empty line, and nothing after it: a room may talk at once.
bool read_head(int fd, char *answer, size_t room);

// The value of a field in an answer's head, false if it has none; `name` as in "\r\nname:".
bool field_in(const char *head, const char *name, char *value, size_t room);

// As many connections as the system allows.
void raise_file_limit(void);

// Seconds of a clock that only goes on.
double now(void);
