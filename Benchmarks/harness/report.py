"""The report of a run, as Markdown: medians, ratios, targets, and every round."""

from dataclasses import dataclass, field
from statistics import median
from typing import Optional

from .load import Figure
from .measurement import NAMES, REFERENCE_LIMIT, Measurement


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
    return f"{value:.2f}" if unit == "KiB" else f"{value:,.0f}"


def cell(results: Results, measurement: Measurement, server: str) -> str:
    if not results.succeeded(measurement.key, server):
        return "failed"
    return number(results.median(measurement.key, server), measurement.unit)


def target(results: Results, measurement: Measurement) -> str:
    """What Carafe has to reach, and whether it did."""
    goals = [(f"{times:g}x {NAMES[server]}", results.ratio(measurement.key, server), times)
             for server, times in measurement.times.items()]
    own, limit = results.median(measurement.key, "carafe"), results.median("hello", "limit")
    if measurement.reference and limit:
        least = measurement.reference * limit / REFERENCE_LIMIT
        goals.append((number(least), own, least))
    if measurement.at_most:  # negated, so that every goal is "at least"
        goals.append((f"at most {measurement.at_most:g}", own and -own, -measurement.at_most))
    return "; ".join(f"{text}: {verdict(found, least)}" for text, found, least in goals) or "–"


def verdict(found: Optional[float], least: float) -> str:
    if found is None:
        return "not measured"
    return "reached" if found >= least else "**missed**"


def table(results: Results, measurements: list[Measurement]) -> str:
    ratios = ["hummingbird", "nio", "limit"]
    names = [NAMES[server] for server in NAMES] + [f"Carafe / {NAMES[server]}" for server in ratios]
    lines = ["| per CPU second of the server | " + " | ".join(names) + " | target |",
             "|---|" + "---:|" * len(names) + "---|"]
    for measurement in measurements:
        cells = [cell(results, measurement, server) for server in NAMES]
        cells += [f"{ratio:.2f}" if ratio else "–"
                  for ratio in (results.ratio(measurement.key, server) for server in ratios)]
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
    parts = [table(results, measurements), failures(results), rounds(results, measurements)]
    return "\n\n".join(part for part in parts if part)
