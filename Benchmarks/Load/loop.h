// The event loop of the servers that are ceilings: one thread, epoll.
#pragma once

// Listens on 127.0.0.1 and calls this for each connection that has something to read. Returns where it cannot listen.
int serve(int port, void (*readable)(int fd));
