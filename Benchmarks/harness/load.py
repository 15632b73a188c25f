"""The load: wrk for HTTP, wsload for WebSockets. Both run on their own core and report their own errors."""

import json
import re
import subprocess
from dataclasses import dataclass

from .measurement import Measurement
from .server import Server

# What Chrome 130 sends when someone types an address.
BROWSER_HEADERS = {
    "Connection": "keep-alive",
    "Cache-Control": "max-age=0",
    "sec-ch-ua": '"Chromium";v="130", "Google Chrome";v="130", "Not?A_Brand";v="99"',
    "sec-ch-ua-mobile": "?0",
    "sec-ch-ua-platform": '"Linux"',
    "Upgrade-Insecure-Requests": "1",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
                  "Chrome/130.0.0.0 Safari/537.36",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8",
    "Sec-Fetch-Site": "none",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-User": "?1",
    "Sec-Fetch-Dest": "document",
    "Accept-Encoding": "gzip, deflate, br, zstd",
    "Accept-Language": "en-GB,en;q=0.9,zh-CN;q=0.8,zh;q=0.7",
}

# Messages of so many bytes a server that agreed to compress has to compress.
MUST_COMPRESS = 1024


class LoadError(Exception):
    pass


@dataclass
class Figure:
    value: float  # in the measurement's unit
    per_second: float  # by the clock on the wall


def drive(measurement: Measurement, server: Server, seconds: float, pin: list[str], wsload: str) -> Figure:
    if measurement.kind == "http":
        return drive_http(measurement, server, seconds, pin)
    return drive_websocket(measurement, measurement.connections, server, seconds, pin, wsload)


def warm_up(measurement: Measurement, server: Server, pin: list[str], wsload: str) -> None:
    if measurement.kind == "http":
        drive(measurement, server, 1, pin, wsload)
    else:
        # Of an idle one a few connections only: memory that the allocator kept would hide the price of the measured
        # ones. Of a large room not all: to open them takes longer than to measure them.
        connections = 20 if measurement.kind == "idle" else min(measurement.connections, 500)
        drive_websocket(measurement, connections, server, 1, pin, wsload)


def drive_http(measurement: Measurement, server: Server, seconds: float, pin: list[str]) -> Figure:
    headers = [part for name, value in BROWSER_HEADERS.items() for part in ("-H", f"{name}: {value}")]
    url = f"http://127.0.0.1:{server.port}{measurement.path}"
    command = ["wrk", "-t1", f"-c{measurement.connections}", f"-d{seconds:g}s", *headers, url]
    before = server.cpu_seconds()
    done = subprocess.run(pin + command, capture_output=True, text=True, timeout=seconds + 60)
    cpu = server.cpu_seconds() - before
    total = re.search(r"(\d+) requests in ([\d.]+)(ms|s|m),", done.stdout)
    trouble = re.search(r"(Socket errors|Non-2xx or 3xx responses).*", done.stdout)
    if done.returncode != 0 or trouble or not total or cpu <= 0:
        raise LoadError(trouble[0] if trouble else f"wrk: {(done.stderr or done.stdout).strip()[-200:]}")
    took = float(total[2]) * {"ms": 0.001, "s": 1, "m": 60}[total[3]]
    return Figure(int(total[1]) / cpu, int(total[1]) / took)


def drive_websocket(
    measurement: Measurement, connections: int, server: Server, seconds: float, pin: list[str], wsload: str
) -> Figure:
    options = ["--deflate"] if measurement.deflate else []
    command = [wsload, *options, measurement.kind, str(server.port), measurement.path, str(connections),
               str(measurement.payload), f"{seconds:g}", str(server.pid)]
    done = subprocess.run(pin + command, capture_output=True, text=True, timeout=seconds + 120)
    report = json.loads(done.stdout or "{}")
    if done.returncode != 0:
        found = report.get("error") or f"{report.get('errors', '?')} errors"
        raise LoadError(f"wsload: {found}{'; ' if done.stderr else ''}{done.stderr.strip()[-200:]}")
    if measurement.kind == "idle":
        return Figure(report["kib_per_connection"], 0)
    if report["per_cpu_s"] <= 0:
        raise LoadError("wsload: nothing came back")
    if measurement.deflate and measurement.payload >= MUST_COMPRESS and report["compressed"] < 1:
        raise LoadError(f"wsload: only {report['compressed']:.0%} of the answers were compressed")
    return Figure(report["per_cpu_s"], report["per_s"])
