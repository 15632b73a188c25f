// The messages that wsload sends, and the judgement of what comes back.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zlib.h>

typedef struct { uint8_t *bytes; size_t length; } Bytes;

// What a browser offers (RFC 7692 §7.1).
#define DEFLATE_OFFER "permessage-deflate; client_max_window_bits"

// Makes the messages of `length` bytes; `extensions` is the server's answer to DEFLATE_OFFER, NULL for no compression.
// False if the answer is one that this client cannot keep to.
bool messages_prepare(size_t length, const char *extensions);

// The masked frame of a connection's message number i. Few differ: they repeat once they fill a window of deflate, so
// that a server that keeps its window from message to message does not find the whole message in it.
Bytes message_frame(uint64_t i);

// Whether this is message number i come back. With compression each is inflated, unless its compressed bytes are those
// of an answer that was inflated before. `inflater` is the connection's own, used where the server keeps its window.
bool message_is(uint64_t i, bool is_compressed, Bytes payload, z_stream **inflater);
