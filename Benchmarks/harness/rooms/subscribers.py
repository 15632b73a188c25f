"""The load of rooms: subscribers and a publisher, in a process that does what it is told (Load/roomload.c)."""

import contextlib
import json
import subprocess

from ..load import LoadError

BENCH = "/rooms/bench"
BYTES = 56  # of JSON in a message


class Subscribers:
    """Use it in a `with` statement: afterwards all its connections are gone."""

    def __init__(self, command, *servers, post_to=None):
        """The subscribers go to all servers in turns, and posts to the first, or to another."""
        self.command = [*command, str((post_to or servers[0]).port)]
        for server in servers:
            self.command += [str(server.port), str(server.pid)]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def tell(self, *words):
        command = " ".join(str(word) for word in words)
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(command + "\n")
            self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline() or '{"failures": "no answer"}')
        if answer["failures"]:
            raise LoadError(f"roomload: {command}: {answer['failures']} failures")
        return answer

    def open(self, way, count, path=BENCH, rooms=1):
        self.tell("open", way, count, rooms, path)

    def stall(self, way, count, path, receive_buffer):
        self.tell("stall", way, count, receive_buffer, path)

    def publish(self, seconds, path=BENCH, byte_count=BYTES, each=1):
        """Posts one message after the other, each when all have the last; each post may be `each` messages."""
        return self.tell("publish", byte_count, seconds, each, path)

    def publish_steadily(self, seconds, rate, path, byte_count):
        return self.tell("steady", byte_count, seconds, rate, path)

    def fill(self, count, path, byte_count):
        """Posts messages that nobody is waited for."""
        self.tell("fill", byte_count, count, path)
