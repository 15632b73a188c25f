"""A page that missed what its room no longer has."""

import re

import pytest

from ways import PAGE, WAYS, Ways

pytestmark = pytest.mark.every_browser


@pytest.mark.console("favicon")
@pytest.mark.parametrize("policy", ["close", "hold", "skip", "latest"])
@pytest.mark.parametrize("after", ["the first", "0"])
def test_a_newcomer_gets_the_gap_and_what_is_there_and_stays(room_server, open_tab, policy, after):
    positions = [room_server.publish(policy, str(number)) for number in range(1, 9)]
    start = positions[0] if after == "the first" else "0"
    # The room keeps five. A page that waits so long for its connection has one, whatever else the machine does.
    rooms = Ways(open_tab(PAGE, address=room_server.address), f"rooms/{policy}", after=start, longestWait=60_000)
    epoch = positions[0].split("-")[1]
    expected = [
        ("gap", {"from": f"{start.split('-')[0]}-{epoch}", "to": positions[2]}),
        *(("message", str(number)) for number in range(4, 9))]
    rooms.wait(lambda way: rooms.told(way, "gap", "message") == expected, f"{expected}")
    room_server.publish(policy, "live")
    expected.append(("message", "live"))
    rooms.wait(lambda way: rooms.told(way, "gap", "message") == expected, f"{expected}")
    for way in WAYS:
        assert rooms.values(way, "state") == ["connecting", "connected"], way


class Cuts:
    """Cuts the answer by each way again and again, each time some bytes later."""

    STEP = 10
    # What comes before the first item of a hidden iframe.
    PADDING = {"iframe": 1050}
    SPAN = 200

    def __init__(self):
        self.limits = {way: self.PADDING.get(way, 0) for way in WAYS}
        self.is_on = True

    def __call__(self, head):
        way = re.match(r"GET /rooms/\S*way=(\w+)", head)
        if not self.is_on or not way or self.is_over(way[1]):
            return None
        self.limits[way[1]] += self.STEP
        return self.limits[way[1]] - self.STEP

    def is_over(self, way):
        return self.limits[way] > self.PADDING.get(way, 0) + self.SPAN


@pytest.mark.console("ERR_", "WebSocket connection to", "favicon", "status of 50")
def test_a_lost_log_is_told_before_any_new_position_wherever_an_answer_is_cut(room_server, proxy, open_tab):
    old = room_server.publish("close", "first")
    tab = open_tab(PAGE, address=proxy.address)
    rooms = Ways(tab, "rooms/close", after=old).wait_for_connections()
    # Pauses, and the silence by which alone a hidden iframe notices a cut, are there for people.
    rooms.run("const later = window.later = setTimeout; window.setTimeout = (run, time) => later(run, time / 20)")
    room_server.kill()
    room_server.start()
    new = room_server.publish("close", "second")
    rooms.run("for (const room of Object.values(mine)) room.cut()")
    proxy.limit = cuts = Cuts()
    rooms.wait(
        lambda way: "second" in rooms.values(way, "message") or cuts.is_over(way), "what was said after the loss")
    cuts.is_on = False
    rooms.run("window.setTimeout = later")
    room_server.publish("close", "third")
    rooms.wait(lambda way: "third" in rooms.values(way, "message"), "what was said then")
    gap = ("gap", {"from": old, "to": f"0-{new.split('-')[1]}"})
    for way in WAYS:
        assert rooms.told(way, "gap", "message") == [gap, ("message", "second"), ("message", "third")], way
        told = rooms.told(way, "gap", "position")
        assert {position for _, position in told[:told.index(gap)]} == {old}, way
        assert cuts.limits[way] >= cuts.PADDING.get(way, 0) + 5 * cuts.STEP, way
