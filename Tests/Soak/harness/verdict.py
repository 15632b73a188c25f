"""What the readings of a soak must show."""

from .soak import Reading, Soak

# Readings are taken at rest; what is left is pages of small blocks that are not all free, more after busier moments.
GROWTH_KIB = 8 << 10
# Once the server has seen everything, nothing more comes on top.
SLOPE_KIB = 2 << 10


def faults(soak: Soak, judges_memory: bool) -> list[str]:
    found = [f"{kind}: {count} of {soak.visits[kind]} failed, the first: {soak.examples[kind]}"
             for kind, count in soak.failures.items()]
    idle, first, *_, last = soak.readings
    for reading in soak.readings[1:]:
        if reading.ended != reading.started:
            found.append(f"after {reading.connections:,} connections: {reading.started:,} handlers started, "
                         f"{reading.ended:,} ended")
        if reading.open_files != idle.open_files:
            found.append(f"after {reading.connections:,} connections: expected {idle.open_files} open files, "
                         f"found {reading.open_files}")
    if judges_memory:
        found += growth(first, last, GROWTH_KIB)
        if len(soak.readings) > 5:
            found += growth(soak.readings[len(soak.readings) // 2], last, SLOPE_KIB)
    return found


def growth(before: Reading, after: Reading, allowed: int) -> list[str]:
    grown = after.resident_kib - before.resident_kib
    if grown <= allowed:
        return []
    return [f"memory: {grown:,} KiB more after {after.connections:,} connections than after {before.connections:,}, "
            f"expected at most {allowed:,}"]
