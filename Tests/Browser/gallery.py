"""The servers under test: the Gallery program, all demos under one address, and the TestServer program."""

import json
import re
import subprocess
import urllib.request


class Gallery:
    def __init__(self, binary, *options):
        self.command = [binary, *options]
        self.port = 0
        self.start()

    def start(self):
        """Returns once the program says its address; the port stays the same over restarts."""
        self.process = subprocess.Popen(
            [*self.command, *self.arguments()], stdout=subprocess.PIPE, text=True
        )
        for line in self.process.stdout:
            if address := re.search(r"https?://[^\s/]+:(\d+)", line):
                self.address = address[0]
                self.port = int(address[1])
                return
        raise RuntimeError(f"{self.command[0]} ended with {self.process.wait()} before it said its address")

    def arguments(self):
        return ["--port", str(self.port)]

    def kill(self):
        """Ends it as a crash would: nobody gets a goodbye."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def stop(self):
        """Ends it as an administrator would; one that does not obey within a minute is killed."""
        self.process.terminate()
        try:
            self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.kill()


class RoomServer(Gallery):
    """The TestServer program, whose only argument is its port; each of its rooms keeps five messages."""

    def arguments(self):
        return [str(self.port)]

    def publish(self, room, text):
        """Gives the position."""
        request = urllib.request.Request(
            f"{self.address}/rooms/{room}", json.dumps(text).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as response:
            return json.load(response)["id"]
