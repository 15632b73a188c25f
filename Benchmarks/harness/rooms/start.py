"""A fresh server that has served a few, and a load beside it."""

import contextlib

from ..server import Server, free_port
from .subscribers import Subscribers


class Start:
    def __init__(self, server, folder, load, limit):
        self.server, self.folder, self.load, self.limit = server, folder, load, limit

    @contextlib.contextmanager
    def __call__(self):
        port = free_port()
        with Server([*self.server, str(port), self.folder], port, []) as server:
            self.warm_up(server)
            with self.subscribers(server) as subscribers:
                yield server, subscribers

    @contextlib.contextmanager
    def floor(self):
        """The same of the least that a server can do (Load/roomlimit.c)."""
        port = free_port()
        with Server([*self.limit, str(port)], port, []) as server:
            with self.subscribers(server) as subscribers:
                yield server, subscribers

    def subscribers(self, server):
        return Subscribers(self.load, server)

    def warm_up(self, server):
        """Few come and go: memory that the allocator kept would hide the price of the measured ones."""
        before = server.descriptors()
        with self.subscribers(server) as few:
            for way in ("socket", "events", "iframe"):
                few.open(way, 20)
            few.publish(0.5)
        server.wait_for_descriptors(before)
