"""The machine of a run: its cores, its limits, and what else was busy on it."""

import contextlib
import os
import platform
import re
import resource
import shutil
import subprocess
import sys
import time
from typing import Callable, TypeVar

Figures = TypeVar("Figures")


def pins() -> tuple[list[str], list[str]]:
    """The prefixes that pin the server to one core and the load to another."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2 or not shutil.which("taskset"):
        print("warning: one core only (or no taskset): server and load disturb each other, "
              "so the ratios are rough", file=sys.stderr)
        return [], []
    return ["taskset", "-c", str(cores[0])], ["taskset", "-c", str(cores[1])]


@contextlib.contextmanager
def pinned(pin: list[str]):
    """Pins this process, and those that it starts, where `pin` would pin a command."""
    before = os.sched_getaffinity(0)
    if pin:
        os.sched_setaffinity(0, {int(pin[-1])})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def raise_file_limit(needed: int) -> None:
    """Servers and load inherit it: each holds a descriptor for every connection."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard != resource.RLIM_INFINITY and hard < needed:
        print(f"warning: at most {hard} open files per process, {needed} needed for every measurement "
              "(ulimit -Hn)", file=sys.stderr)


class Bystanders:
    """How much CPU time processes outside this run used."""

    def __init__(self):
        self.start, self.busy, self.own = time.monotonic(), self.machine_seconds(), self.own_seconds()

    def cores(self) -> float:
        """In cores: 1.0 means that one core was always busy for somebody else."""
        used = (self.machine_seconds() - self.busy) - (self.own_seconds() - self.own)
        return max(0.0, used / (time.monotonic() - self.start))

    @staticmethod
    def machine_seconds() -> float:
        with open("/proc/stat") as file:
            user, nice, system, _, _, irq, softirq, steal = map(int, file.readline().split()[1:9])
        return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")

    @staticmethod
    def own_seconds() -> float:
        usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def undisturbed(measure: Callable[[], Figures], attempts: int = 4) -> Figures:
    """Measures again while others are busy, for what is told by the clock; in the end what there is."""
    for _ in range(attempts):
        bystanders = Bystanders()
        figures = measure()
        others = bystanders.cores()
        if others < 0.1:
            break
        print(f"others used {others:.2f} cores beside {figures}", file=sys.stderr)
    return figures


def describe() -> str:
    with open("/proc/cpuinfo") as file:
        model = re.search(r"model name\s*: (.*)", file.read())
    swift = output(["swift", "--version"]) or "unknown"
    version = re.search(r"Swift version \S+", swift)
    return (f"{model[1] if model else platform.machine()}, {os.cpu_count()} cores, "
            f"{platform.system()} {platform.release()}, {version[0] if version else swift}")


def revision(folder: str) -> str:
    return output(["git", "--no-optional-locks", "-C", folder, "describe", "--always", "--dirty"]) or "none"


def output(command: list[str]) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()
    except OSError:
        return ""
