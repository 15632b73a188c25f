"""The cases of the suite: which there are, which are chosen, and when one has passed."""

from fnmatch import fnmatchcase
from pathlib import Path

from autobahntestsuite import fuzzing

SAMPLE = Path(__file__).with_name("sample.txt")

# These look at what RFC 6455 leaves open, so that the suite has no other outcome for them.
INFORMATIONAL = {"7.1.6", "7.13.1", "7.13.2"}


class UnknownCase(Exception):
    pass


def all_cases() -> list[str]:
    """All, "1.1.1" first."""
    names = [".".join(case.__name__.removeprefix("Case").split("_")) for case in fuzzing.Cases]
    return sorted(names, key=lambda name: [int(number) for number in name.split(".")])


def matching(patterns: list[str]) -> set[str]:
    """Those that fit one of the patterns; `*` stands for anything, dots too."""
    found = set()
    for pattern in patterns:
        some = {case for case in all_cases() if fnmatchcase(case, pattern)}
        if not some:
            raise UnknownCase(f"no case matches {pattern!r}")
        found |= some
    return found


def sample() -> list[str]:
    """The patterns of the quick selection."""
    lines = (line.strip() for line in SAMPLE.read_text().splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def has_passed(case: str, behavior: str, close: str) -> bool:
    """Strictly: NON-STRICT and UNIMPLEMENTED are failures too."""
    allowed = {"OK", "INFORMATIONAL"} if case in INFORMATIONAL else {"OK"}
    return behavior in allowed and close in {"OK", "INFORMATIONAL"}
