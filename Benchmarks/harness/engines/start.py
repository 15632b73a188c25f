"""A Redis, and nodes that share a store."""

import contextlib
import json
import os
import subprocess
import tempfile

from ..rooms.subscribers import Subscribers
from ..server import Server, free_port


class Start:
    def __init__(self, server, folder, load, engine_bench, load_pin):
        self.server, self.folder, self.load, self.engine_bench, self.load_pin = (
            server, folder, load, engine_bench, load_pin)

    @contextlib.contextmanager
    def redis(self, pin=()):
        """A Redis without content."""
        port = free_port()
        with tempfile.TemporaryDirectory() as folder:
            command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "",
                       "--appendonly", "yes", "--appendfsync", "everysec"]
            with Server(command, port, list(pin)) as server:
                yield server

    @contextlib.contextmanager
    def nodes(self, count, store):
        """Servers with their rooms in a store, or in memory."""
        with contextlib.ExitStack() as stack:
            nodes = []
            for _ in range(count):
                port = free_port()
                command = [*self.server, str(port), self.folder, *([store] if store else [])]
                nodes.append(stack.enter_context(Server(command, port, [])))
            yield nodes

    def subscribers(self, *servers, post_to=None):
        return Subscribers(self.load, *servers, post_to=post_to)

    def engine(self, *arguments):
        """What a program says that measures an engine without a server."""
        done = subprocess.run([self.engine_bench, *map(str, arguments)], stdout=subprocess.PIPE, text=True, check=True)
        return json.loads(done.stdout.splitlines()[-1])

    @contextlib.contextmanager
    def file(self):
        """The path of a file of SQLite that is not there yet, on a disk."""
        with tempfile.TemporaryDirectory(dir=os.path.dirname(self.engine_bench)) as folder:
            yield os.path.join(folder, "rooms.sqlite")


def redis_url(redis):
    return f"redis://127.0.0.1:{redis.port}"
