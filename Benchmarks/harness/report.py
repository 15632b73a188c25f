"""The report of a run, as Markdown: medians, ratios, targets, and every round."""

from dataclasses import dataclass, field
from statistics import median
from typing import Optional

from .competitor import NAMES
from .load import Figure
from .measurement import KINDS, Measurement

TITLES = {"http": "HTTP: requests per CPU second", "echo": "WebSocket echo: messages per CPU second",
          "fanout": "WebSocket fan-out: deliveries per CPU second", "idle": "Memory of idle WebSockets"}


@dataclass
class Results:
    figures: dict[tuple[str, str], list[Figure]] = field(default_factory=dict)  # (measurement, server): its rounds
    failures: dict[tuple[str, str], str] = field(default_factory=dict)

    def median(self, measurement: str, server: str) -> Optional[float]:
        rounds = self.figures.get((measurement, server))
        return median(figure.value for figure in rounds) if rounds and self.succeeded(measurement, server) else None

    def succeeded(self, measurement: str, server: str) -> bool:
        return (measurement, server) not in self.failures

    def ratio(self, measurement: str, server: str) -> Optional[float]:
        own, other = self.median(measurement, "carafe"), self.median(measurement, server)
        return own / other if own and other else None


def number(value: Optional[float], unit: str = "") -> str:
    if value is None:
        return "–"
    return f"{value:.2f}" if unit == "KiB" else f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def cell(results: Results, measurement: Measurement, server: str) -> str:
    if not results.succeeded(measurement.key, server):
        return "failed"
    shown = number(results.median(measurement.key, server), measurement.unit)
    ratio = results.ratio(measurement.key, server) if server != "carafe" else None
    return f"{shown} ({ratio:.2f}x)" if ratio else shown


def target(results: Results, measurement: Measurement) -> str:
    """What Carafe has to reach, and whether it did."""
    goals = [(f"{times:g}x {NAMES[server]}", results.ratio(measurement.key, server), times)
             for server, times in measurement.times.items()]
    own = results.median(measurement.key, "carafe")
    for other, times in measurement.within.items():
        reference = results.median(other, "carafe")
        cost = reference / own if reference and own else None
        found = f" ({cost:.2f}x)" if cost else ""
        goals.append((f"at most {times:g}x the CPU of {other}{found}", cost and -cost, -times))
    if measurement.at_most:  # negated, so that every goal is "at least"
        goals.append((f"at most {measurement.at_most:g}", own and -own, -measurement.at_most))
    return "; ".join(f"{text}: {verdict(found, least)}" for text, found, least in goals) or "–"


def verdict(found: Optional[float], least: float) -> str:
    if found is None:
        return "not measured"
    return "reached" if found >= least else "**missed**"


def table(results: Results, kind: str, measurements: list[Measurement]) -> str:
    """One line for each measurement of a kind; in brackets, how many times a server's figure Carafe's is."""
    servers = [server for server in NAMES if any(server in measurement.servers for measurement in measurements)]
    lines = [f"| {TITLES[kind]} | " + " | ".join(NAMES[server] for server in servers) + " | target |",
             "|---|" + "---:|" * len(servers) + "---|"]
    for measurement in measurements:
        cells = [cell(results, measurement, server) for server in servers]
        lines.append(f"| {measurement.title} | " + " | ".join(cells) + f" | {target(results, measurement)} |")
    return "\n".join(lines)


def rounds(results: Results, measurements: list[Measurement]) -> str:
    lines = ["| every round | server | figures | per second by the clock, median |", "|---|---|---|---:|"]
    for measurement in measurements:
        for server in measurement.servers:
            figures = results.figures.get((measurement.key, server), [])
            if figures and results.succeeded(measurement.key, server):
                values = ", ".join(number(figure.value, measurement.unit) for figure in figures)
                clock = number(median(figure.per_second for figure in figures)) if measurement.kind != "idle" else "–"
                lines.append(f"| {measurement.key} | {NAMES[server]} | {values} | {clock} |")
    return "\n".join(lines) if len(lines) > 2 else ""


def failures(results: Results) -> str:
    return "\n".join(f"- {measurement}, {NAMES[server]}: failed: {reason}"
                     for (measurement, server), reason in results.failures.items())


def render(results: Results, known: list[Measurement]) -> str:
    tried = {key for key, _ in [*results.figures, *results.failures]}
    measurements = [measurement for measurement in known if measurement.key in tried]
    tables = []
    for kind in KINDS:
        of_kind = [measurement for measurement in measurements if measurement.kind == kind]
        tables += [table(results, kind, of_kind)] if of_kind else []
    legend = "In brackets: how many times that figure Carafe's is." if tables else ""
    parts = [legend, *tables, failures(results), rounds(results, measurements)]
    return "\n\n".join(part for part in parts if part)
