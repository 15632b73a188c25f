"""A network between a browser and a server, which a test makes a bad one."""

import contextlib
import re
import socket
import threading
import time

HEAD_END = b"\r\n\r\n"


class Proxy:
    """Passes bytes on to a port."""

    def __init__(self, port):
        self.port = port
        self.links = []
        self.is_down = False
        # After how many bytes of an answer's body its connection is cut, by the head of the request; None: not at all.
        self.limit = lambda head: None
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                if self.is_down:
                    raise ConnectionRefusedError
                server = socket.create_connection(("127.0.0.1", self.port))
            except OSError:
                client.close()
                continue
            self.links.append(Link(self, client, server))

    def swallow(self, ends_idle=False):
        """What is connected now hears nothing more, and is not closed; or only what a request waits on.

        What is idle then ends, as servers do: the next request gets a new connection.
        """
        for link in self.links:
            if ends_idle and link.is_idle():
                link.cut()
            else:
                link.is_swallowed = True

    def cut(self):
        """What is connected now ends, and nobody gets through until `mend`."""
        self.is_down = True
        for link in self.links:
            link.cut()

    def mend(self):
        self.is_down = False

    def stop(self):
        self.listener.close()
        for link in self.links:
            link.cut()


class Link:
    """A connection of a client, and that to the server."""

    def __init__(self, proxy, client, server):
        self.proxy, self.client, self.server = proxy, client, server
        self.is_swallowed = False
        self.has_request = False
        # That to the last request, as far as it came from the server.
        self.answer, self.limit = b"", None
        for copy in (self.copy_requests, self.copy_answers):
            threading.Thread(target=copy, daemon=True).start()

    def copy_requests(self):
        with contextlib.suppress(OSError):
            while data := self.client.recv(65536):
                # A browser does not pipeline, and its heads come in one piece.
                if data.startswith((b"GET ", b"POST ")):
                    self.has_request, self.answer = True, b""
                    self.limit = self.proxy.limit(data.decode("latin-1"))
                if not self.is_swallowed:
                    self.server.sendall(data)
            if not self.is_swallowed:
                self.server.shutdown(socket.SHUT_WR)

    def copy_answers(self):
        with contextlib.suppress(OSError):
            while data := self.server.recv(65536):
                before, self.answer = len(self.answer), self.answer + data
                end = self.end()
                if not self.is_swallowed:
                    self.client.sendall(self.answer[before:end])
                if end is not None and len(self.answer) >= end:
                    # Chromium drops what came just before an end, and nothing tells that it has taken it.
                    time.sleep(0.1)
                    return self.cut()
            if not self.is_swallowed:
                self.client.shutdown(socket.SHUT_WR)

    def end(self):
        """After how many bytes the answer is cut, if it is known already."""
        head, found, _ = self.answer.partition(HEAD_END)
        return len(head + found) + self.limit if found and self.limit is not None else None

    def is_idle(self):
        if not self.has_request:
            # Chromium connects a second time where the first takes long, and keeps what it did not need.
            return True
        head, found, body = self.answer.partition(HEAD_END)
        if head.startswith(b"HTTP/1.1 204"):
            return bool(found)
        length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
        return bool(found and length and len(body) >= int(length[1]))

    def cut(self):
        for end in (self.client, self.server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
