"""What came of a run, as a table of the groups and totals."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from cases import has_passed


@dataclass
class Results:
    cases: list[str]  # what was to be run
    outcomes: dict[str, tuple[str, str]] = field(default_factory=dict)  # by case: its behaviour, that of the close
    seconds: Counter = field(default_factory=Counter)  # by group
    faults: list[str] = field(default_factory=list)  # of the client, and of the server beside the cases
    stopped: str = ""  # why no more cases were run

    def has_passed(self, case: str) -> bool:
        return case in self.outcomes and has_passed(case, *self.outcomes[case])

    @property
    def passed(self) -> int:
        return sum(map(self.has_passed, self.cases))

    @property
    def failed(self) -> int:
        """Cases, also those that did not run, and faults."""
        return len(self.cases) - self.passed + len(self.faults)


def group(case: str) -> str:
    return case.split(".")[0]


def render(results: Results) -> str:
    members = defaultdict(list)
    for case in results.cases:
        members[group(case)].append(case)
    lines = ["", "group  cases  passed  failed  seconds"]
    for name, cases in members.items():
        passed = sum(map(results.has_passed, cases))
        lines.append(f"{name:>5}  {len(cases):5}  {passed:6}  {len(cases) - passed:6}  {results.seconds[name]:7.1f}")
    lines.append("")
    for name, which in (("behaviour", 0), ("close", 1)):
        counts = Counter(outcome[which] for outcome in results.outcomes.values())
        lines.append(f"{name}: " + ", ".join(f"{count} {outcome}" for outcome, count in counts.most_common()))
    missing = [case for case in results.cases if case not in results.outcomes]
    if missing:
        lines.append(f"not run, so failed: {len(missing)} cases from {missing[0]} on ({results.stopped or 'stopped'})")
    lines += results.faults
    lines.append(f"{results.passed} passed, {results.failed} failed")
    return "\n".join(lines)
