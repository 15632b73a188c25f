"""A bad network: each way notices, at once where the browser tells, and comes back where it was."""

import pytest

from ways import PAGE, STOP_TIME, WAYS, Ways

SURPRISES = "ERR_", "WebSocket connection to", "favicon"
# What makes a page look, where its network has passed nothing on and told nobody.
LOOKS = {
    "offline, online": "dispatchEvent(new Event('offline')); dispatchEvent(new Event('online'))",
    "online": "dispatchEvent(new Event('online'))",
    "pageshow": "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))",
    # After an hour in which nothing came.
    "visible": "skipTime(3_600_000); document.dispatchEvent(new Event('visibilitychange'))",
}


@pytest.mark.console(*SURPRISES)
@pytest.mark.parametrize("ways", [["socket", "iframe"], ["events", "longPoll", "poll"]])
def test_each_way_notices_and_comes_back(room_server, proxy, open_tab, ways):
    rooms = Ways(open_tab(PAGE, address=proxy.address), "rooms/close", ways).wait_for_connections()
    # A poll of a second has found a connection beside those that wait: one made later would not be swallowed.
    rooms.wait(lambda way: way != "poll" or rooms.run("return mine.poll.requests") >= 3, "three polls")
    proxy.swallow()
    room_server.publish("close", "meanwhile")
    rooms.wait(lambda way: "meanwhile" in rooms.values(way, "message"), "what was said meanwhile", patience=180)
    for way in ways:
        told = rooms.told(way, "state", "message")
        assert told.count(("message", "meanwhile")) == 1, way
        assert told.index(("state", "reconnecting")) < told.index(("message", "meanwhile")), way


@pytest.mark.every_browser
@pytest.mark.console(*SURPRISES)
def test_an_event_of_the_network_or_the_page_is_enough(room_server, proxy, open_tab):
    rooms = Ways(open_tab(PAGE, address=proxy.address), "rooms/close").wait_for_connections()
    rooms.run(STOP_TIME)
    # WebKit's driver takes some tabs for hidden.
    rooms.run("Object.defineProperty(document, 'hidden', { get: () => false })")
    for name, look in LOOKS.items():
        proxy.swallow(ends_idle=True)
        room_server.publish("close", name)
        rooms.run(look)
        rooms.wait(lambda way: name in rooms.values(way, "message"), f"what was said before {name}")
    before = {way: rooms.values(way, "state") for way in WAYS}
    assert all(states.count("connected") == 1 + len(LOOKS) for states in before.values()), before
    # Where all is well there is nothing to look at.
    rooms.run("""
        dispatchEvent(new PageTransitionEvent("pageshow", { persisted: false }));
        document.dispatchEvent(new Event("visibilitychange"));""")
    assert {way: rooms.values(way, "state") for way in WAYS} == before


@pytest.mark.console(*SURPRISES)
# The browsers that tell a page that its tab is hidden.
@pytest.mark.parametrize("browser", ["chromium", "firefox"])
def test_a_page_in_view_again_does_not_wait(room_server, proxy, open_tab):
    # Without timers a poll does not ask again, and nothing tells a hidden iframe of a cut.
    rooms = Ways(open_tab(PAGE, address=proxy.address), "rooms/close", ["socket", "events", "longPoll"])
    rooms.wait_for_connections()
    rooms.run(STOP_TIME)
    proxy.cut()
    rooms.wait(lambda way: rooms.values(way, "state")[-1] == "reconnecting", "nobody there")
    open_tab(PAGE, address=room_server.address)
    proxy.mend()
    room_server.publish("close", "meanwhile")
    rooms.wait(lambda way: rooms.values(way, "message") == ["meanwhile"], "what was said meanwhile")


@pytest.mark.console(*SURPRISES)
def test_a_browser_that_is_online_again_does_not_wait(room_server, open_tab):
    rooms = Ways(open_tab(PAGE, address=room_server.address), "rooms/close").wait_for_connections()
    rooms.run(STOP_TIME)
    driver = rooms.tab.driver
    driver.set_network_conditions(offline=True, latency=0, throughput=-1)
    try:
        rooms.wait(lambda way: rooms.values(way, "state")[-1] == "reconnecting", "no network")
        room_server.publish("close", "meanwhile")
    finally:
        driver.delete_network_conditions()
    rooms.wait(lambda way: rooms.values(way, "message") == ["meanwhile"], "what was said meanwhile")


@pytest.mark.console(*SURPRISES)
# Firefox keeps no page that is connected.
@pytest.mark.parametrize("browser", ["chromium", "webkit"])
def test_a_page_out_of_the_back_forward_cache_is_back_at_once(room_server, open_tab):
    # Chromium keeps no page whose iframe still loads.
    rooms = Ways(
        open_tab(PAGE, address=room_server.address), "rooms/close", ["socket", "events", "longPoll", "poll"])
    rooms.wait_for_connections()
    rooms.run(STOP_TIME)
    rooms.tab.driver.get(f"{room_server.address}/carafe.js")
    room_server.publish("close", "meanwhile")
    rooms.tab.driver.back()
    rooms.wait(lambda way: rooms.values(way, "message") == ["meanwhile"], "what was said meanwhile")


@pytest.mark.every_browser
@pytest.mark.console(*SURPRISES)
def test_an_answer_that_is_cut_after_its_head_is_no_connection(room_server, proxy, open_tab):
    proxy.limit = lambda head: 0 if "/rooms/" in head else None
    rooms = Ways(
        open_tab(PAGE, address=proxy.address), "rooms/close", ["socket", "events", "longPoll", "poll"])
    rooms.wait(lambda way: rooms.values(way, "state").count("reconnecting") > 1, "two cuts")
    for way in rooms.ways:
        assert "connected" not in rooms.values(way, "state"), way
    proxy.limit = lambda head: None
    rooms.wait_for_connections()
    room_server.publish("close", "hello")
    rooms.wait(lambda way: rooms.values(way, "message") == ["hello"], "what was said then")
