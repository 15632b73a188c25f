"""The server under test: the TestServer program on a free port of 127.0.0.1, and what can be seen of it."""

import http.client
import json
import os
import re
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Callable


# Seconds. A server that is right needs a moment, whatever else the machine does: only a fault waits so long.
PATIENCE = 90


class ServerError(Exception):
    pass


class Server:
    """Use it in a `with` statement: inside, the server accepts connections; afterwards it is gone."""

    def __init__(self, binary: str, environment: dict[str, str] | None = None):
        self.binary = binary
        self.environment = os.environ | (environment or {})
        self.log = tempfile.TemporaryFile("w+")

    def __enter__(self) -> "Server":
        self.process = subprocess.Popen([self.binary, "0"], stdout=subprocess.PIPE, stderr=self.log, text=True,
                                        env=self.environment)
        line = self.process.stdout.readline()
        address = re.search(r"http://[^\s/]+:(\d+)", line)
        if not address:
            self.process.kill()
            raise ServerError(f"expected the server's address, found {line!r} and {self.logged()}")
        self.url, self.port = address[0], int(address[1])
        return self

    def __exit__(self, *_) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.log.close()

    # What can be seen from outside

    def state(self) -> tuple[int, int]:
        """The handlers that have started and ended."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request("GET", "/state")
            counts = json.load(connection.getresponse())
            return counts["started"], counts["ended"]
        finally:
            connection.close()

    def open_files(self) -> int:
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def resident_kib(self) -> int:
        """Physical memory (proc(5), /proc/PID/status, VmRSS)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s*(\d+) kB", status)[1])

    def logged(self) -> list[str]:
        """The lines above `debug`; a crash of the server shows here too."""
        self.log.seek(0)
        return [line for line in self.log.read().splitlines() if not re.search(r" (debug|trace) ", line)]

    # What must hold

    def faults_when_idle(self, seconds: float = PATIENCE) -> list[str]:
        """What is wrong when all clients have left: handlers that do not end by then."""
        try:
            if wait_until(lambda: len(set(self.state())) == 1, seconds):
                return []
            started, ended = self.state()
        except (OSError, http.client.HTTPException, ValueError) as error:
            return [f"server: GET /state fails: {error!r}"]
        return [f"server: {started} handlers started, but only {ended} ended {seconds:g} s after the last client left"]

    def stop(self, seconds: float = PATIENCE) -> list[str]:
        """Stops it as an administrator would; gives what is wrong."""
        self.process.send_signal(signal.SIGTERM)
        return self.faults_when_stopped(seconds)

    def faults_when_stopped(self, seconds: float = PATIENCE) -> list[str]:
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return [f"server: still there {seconds:g} s after SIGTERM"] + self.log_faults()
        faults = self.log_faults()
        if self.process.returncode != 0:
            faults.append(f"server: exit status {self.process.returncode}")
        last = self.process.stdout.read()
        counts = re.search(r"handlers: (\d+) started, (\d+) ended", last)
        if not counts or counts[1] != counts[2]:
            faults.append(f"server: expected as many handlers ended as started, found {last!r}")
        return faults

    def log_faults(self) -> list[str]:
        """A client's fault is no reason to log anything above `debug`: clients could fill a disk."""
        lines = self.logged()
        return [f"server: logged {len(lines)} lines above debug, the first: {lines[0]}"] if lines else []


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Polls what the server cannot be asked to tell of itself."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
