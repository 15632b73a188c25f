"""A server under measurement: one process, pinned to one core, on a free port of 127.0.0.1."""

import contextlib
import os
import random
import socket
import subprocess
import tempfile
import time
from typing import Callable


def free_port() -> int:
    """Below the range that the system takes the load's own ports from: one of those may still be in use."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class ServerError(Exception):
    pass


class Server:
    """Use it in a `with` statement: inside, the server accepts connections; afterwards it is gone."""

    def __init__(self, command: list[str], port: int, pin: list[str]):
        self.command, self.port, self.pin = command, port, pin
        self.log = tempfile.TemporaryFile()

    def __enter__(self) -> "Server":
        # taskset replaces itself by the server, so the process id stays.
        self.process = subprocess.Popen(self.pin + self.command, stdout=self.log, stderr=self.log)
        try:
            self.wait_until_it_listens(seconds=10)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        return self.process.pid

    def cpu_seconds(self) -> float:
        """User and system time of all its threads (proc(5), /proc/PID/stat, fields 14 and 15)."""
        with open(f"/proc/{self.pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def thread_seconds(self, name: str) -> float:
        """CPU time of the threads whose names begin so (proc(5), /proc/PID/task/TID/schedstat, in nanoseconds)."""
        total = 0
        for thread in os.listdir(f"/proc/{self.pid}/task"):
            with open(f"/proc/{self.pid}/task/{thread}/comm") as file:
                is_one = file.read().startswith(name)
            if is_one:
                with open(f"/proc/{self.pid}/task/{thread}/schedstat") as file:
                    total += int(file.read().split()[0])
        return total / 1e9

    def resident_kib(self) -> int:
        return self.status("VmRSS")

    def peak_kib(self) -> int:
        """The most resident memory that it ever had."""
        return self.status("VmHWM")

    def status(self, name: str) -> int:
        with open(f"/proc/{self.pid}/status") as file:
            return next(int(line.split()[1]) for line in file if line.startswith(name + ":"))

    def descriptors(self) -> int:
        """How many files and sockets it has open."""
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def wait_for_descriptors(self, count: int, seconds: float = 10) -> None:
        self.wait(lambda: self.descriptors() <= count, seconds, f"expected {count} open files")

    def wait_until_idle(self, seconds: float = 10) -> None:
        """Until it has used no CPU time for a fifth of a second: it has done with what the load sent."""
        used, since = self.cpu_seconds(), time.monotonic()

        def is_idle() -> bool:
            nonlocal used, since
            if self.cpu_seconds() != used:
                used, since = self.cpu_seconds(), time.monotonic()
            return time.monotonic() - since > 0.2
        self.wait(is_idle, seconds, "expected it to have nothing to do")

    @staticmethod
    def wait(condition: Callable[[], bool], seconds: float, expectation: str) -> None:
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise ServerError(f"{expectation} within {seconds:g} s")
            time.sleep(0.01)

    def wait_until_it_listens(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise ServerError(f"exit status {self.process.returncode} at start: {self.last_line()}")
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.02)
        raise ServerError(f"nothing listens on port {self.port} after {seconds:g} s: {self.last_line()}")

    def last_line(self) -> str:
        self.log.seek(0)
        lines = self.log.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it printed nothing"

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
