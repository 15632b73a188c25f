"""One room by five ways: each hears everything once, across cuts and a restart of the server."""

import pytest
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

from gallery import Gallery
from tab import PATIENCE

pytestmark = pytest.mark.every_browser

WAYS = ["poll", "longPoll", "iframe", "events", "socket"]
GONE = "ERR_CONNECTION", "ERR_EMPTY_RESPONSE", "WebSocket connection to", "ERR_INCOMPLETE_CHUNKED_ENCODING", "status of 50"


class Panels:
    def __init__(self, tab):
        self.tab = tab

    def state(self, way):
        return self.tab.element(way).find_element(By.CLASS_NAME, "state").get_attribute("data-state")

    def lines(self, way):
        return [line.text for line in self.tab.element(way).find_elements(By.TAG_NAME, "li")]

    def wait(self, condition, expected):
        self.tab.focus()
        try:
            WebDriverWait(self.tab.driver, PATIENCE, poll_frequency=0.05).until(lambda _: condition())
        except TimeoutException:
            found = {way: (self.state(way), self.lines(way)) for way in WAYS}
            raise AssertionError(f"expected {expected}, found {found}") from None

    def wait_for_connections(self):
        self.wait(lambda: all(self.state(way) == "connected" for way in WAYS), "five connections")
        return self

    def wait_for_line(self, text):
        self.wait(lambda: all(text in self.lines(way) for way in WAYS), text)

    def say(self, text):
        self.tab.type("text", text + Keys.ENTER)


@pytest.fixture
def server(pytestconfig):
    """A gallery of the test's own, so that its room is empty."""
    server = Gallery(pytestconfig.getoption("gallery"))
    yield server
    server.stop()


@pytest.fixture
def panels(server, open_tab):
    return Panels(open_tab("transports/", address=server.address)).wait_for_connections()


def test_a_message_comes_by_all_five_ways(panels):
    panels.say("你好 <b>")
    panels.wait_for_line("你好 <b>")
    for way in WAYS:
        figures = {name: panels.tab.element(way).find_element(By.CLASS_NAME, name).text
                   for name in ("requests", "bytes", "delay")}
        assert figures["requests"] != "0" and figures["delay"].endswith(" ms"), figures


def switch(panels):
    for way in WAYS:
        panels.tab.element(way).find_element(By.TAG_NAME, "button").click()


def needs_names_of_the_page(panels):
    if panels.tab.driver.capabilities["browserName"].lower() == "firefox":
        pytest.skip("Firefox's driver does not see what a page's script declares")


def test_what_is_cut_stays_cut_and_then_misses_nothing(panels):
    needs_names_of_the_page(panels)
    panels.say("before")
    panels.wait_for_line("before")
    switch(panels)
    panels.wait(lambda: all(panels.state(way) == "paused" for way in WAYS), "five cut off")
    for number in range(3):
        panels.say(f"meanwhile {number}")
    panels.wait(lambda: panels.tab.driver.execute_script("return sender.position") is not None, "the end")
    ends = lambda: panels.tab.driver.execute_async_script(
        "sender.send({ text: 'last', at: Date.now() }).then(arguments[0])")
    ends()
    assert all("meanwhile 0" not in panels.lines(way) for way in WAYS)
    last = "return Number(sender.position.split('-')[0])"
    count = panels.tab.driver.execute_script(last)
    panels.wait(lambda: panels.tab.driver.execute_script(last) >= count, "what it sent")
    switch(panels)
    panels.wait_for_connections()
    panels.wait_for_line("last")
    for way in WAYS:
        lines = panels.lines(way)
        own = lines[len(lines) - 1 - lines[::-1].index("before"):]
        assert own == ["before", "4 caught up", "meanwhile 0", "meanwhile 1", "meanwhile 2", "last"], (way, own)


def test_only_what_is_published_now_has_a_delay(panels, server, open_tab):
    panels.say("long ago")
    panels.wait_for_line("long ago")
    later = Panels(open_tab("transports/", address=server.address)).wait_for_connections()
    later.wait_for_line("long ago")
    for way in WAYS:
        assert later.tab.element(way).find_element(By.CLASS_NAME, "delay").text == "–", way


def test_bytes_are_bytes(panels):
    needs_names_of_the_page(panels)
    text = panels.tab.driver.execute_async_script("""
        const done = arguments[0];
        (async () => {
        let connected;
        const isConnected = new Promise((go) => { connected = go; });
        const room = new CarafeRoom("room", {
            ways: ["socket"], onState(state) { if (state === "connected") connected(); },
        });
        await isConnected;
        const id = await room.send({ text: "字", at: 1 });
        while (room.position !== id) await new Promise((go) => setTimeout(go, 20));
        const own = new TextEncoder().encode(JSON.stringify({ id, data: { text: "字", at: 1 } })).length;
        done([room.bytes, own]);
        room.close();
        })();""")
    received, own = text
    assert received >= own


@pytest.mark.console(*GONE)
def test_all_come_back_after_a_restart_and_tell_what_is_lost(panels, server):
    panels.say("kept by nobody")
    panels.wait_for_line("kept by nobody")
    server.kill()
    try:
        panels.wait(lambda: all(panels.state(way) == "reconnecting" for way in WAYS), "nobody there")
        # It is sent again and again until the server is back.
        panels.say("sent meanwhile")
    finally:
        server.start()
    panels.wait_for_line("sent meanwhile")
    panels.wait_for_connections()
    for way in WAYS:
        lines = panels.lines(way)
        assert lines.count("sent meanwhile") == 1, (way, lines)
        # The log is another one: what it does not have is told.
        assert sum(line.startswith("lost from") for line in lines) == 1, (way, lines)
