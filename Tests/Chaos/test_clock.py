#!/usr/bin/env python3
"""The clock of a process on answers at times of our own: what it does not answer is no time.

By pytest, or by itself: Tests/Chaos/test_clock.py
"""

import asyncio
import sys
import time

sys.dont_write_bytecode = True

from harness.clock import INTERVAL, STALL, Clock  # noqa: E402
from harness.disturbance import Disturbance  # noqa: E402


async def never() -> None:
    raise AssertionError("expected nobody to ask")


def clock_of(*beats: float) -> Clock:
    """A clock that begins at 0 and was answered at these times."""
    clock = Clock(never)
    clock.last = 0
    for beat in beats:
        clock.beat(beat)
    return clock


def test_only_answers_are_time():
    clock = clock_of(0.25, 0.5, 9, 9.25)
    assert clock.between(0, 10) == 4 * INTERVAL
    assert clock.between(0.5, 8) == 0
    assert clock.since(0.5) == 2 * INTERVAL


def test_a_limit_comes_with_the_answers():
    async def run() -> tuple[bool, bool]:
        clock = clock_of()
        async with clock.limit(2 * INTERVAL):
            clock.beat(1)
            # As long as it takes: the process has not had its time.
            await asyncio.sleep(0)
            is_early = bool(clock.limits)
        try:
            async with clock.limit(2 * INTERVAL):
                clock.beat(2)
                clock.beat(3)
                await asyncio.Event().wait()
        except TimeoutError:
            return is_early, not clock.limits
        return is_early, False

    assert asyncio.run(run()) == (True, True)


def test_a_late_answer_is_a_stall():
    now = time.monotonic()
    clock = Clock(never)
    clock.last = now
    clock.beat(now + INTERVAL)
    assert clock.stall_count == 0
    clock.beat(now + 2 * INTERVAL + 2 * STALL)
    assert clock.stall_count == 1
    assert clock.was_active(now, clock)


def test_a_process_that_has_not_answered_yet_is_held_up():
    clock = Clock(never)
    clock.last = time.monotonic() - INTERVAL - 2 * STALL
    assert clock.was_active(time.monotonic(), clock_of())


def test_the_aftermath_of_a_disturbance_passes_by_the_clock_of_the_node():
    disturbance = Disturbance(aftermath=2 * INTERVAL)
    assert not disturbance.was_active(0, clock_of())
    disturbance.begin()
    assert disturbance.was_active(100, clock_of())
    disturbance.active = 0
    disturbance.note(10)
    assert disturbance.was_active(5, clock_of(11, 12, 13))
    assert disturbance.was_active(100, clock_of(11))
    assert not disturbance.was_active(100, clock_of(11, 12))


if __name__ == "__main__":
    tests = [test for name, test in list(globals().items()) if name.startswith("test_")]
    for test in tests:
        test()
    print(f"{len(tests)} tests of the clock: no fault")
