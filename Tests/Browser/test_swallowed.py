"""A network that passes nothing on and tells nobody: each way notices, and comes back where it was."""

import socket
import threading

import pytest
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.support.wait import WebDriverWait

WAYS = ["poll", "longPoll", "iframe", "events", "socket"]


class Proxy:
    """Passes bytes on to a port; what was connected when `swallow` is called hears nothing more, and is not closed."""

    def __init__(self, port):
        self.port = port
        self.pairs = []
        self.swallowed = set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.port))
            self.pairs.append((client, server))
            for source, target in ((client, server), (server, client)):
                threading.Thread(target=self.copy, args=(source, target, client), daemon=True).start()

    def copy(self, source, target, client):
        try:
            while data := source.recv(65536):
                if client not in self.swallowed:
                    target.sendall(data)
            if client not in self.swallowed:
                target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def swallow(self):
        self.swallowed.update(client for client, _ in self.pairs)

    def stop(self):
        self.listener.close()
        for pair in self.pairs:
            for end in pair:
                end.close()


@pytest.fixture
def proxy(gallery):
    proxy = Proxy(gallery.port)
    yield proxy
    proxy.stop()


OPEN = """
    window.told = {};
    window.mine = {};
    for (const way of arguments[0]) {
        told[way] = [];
        mine[way] = new CarafeRoom("room", {
            ways: [way], pollEvery: 1000,
            onState: (state) => told[way].push(state), onMessage: ({ text }) => told[way].push(text),
        });
    }
"""


def wait(tab, condition, expected, patience=20):
    try:
        WebDriverWait(tab.driver, patience, poll_frequency=0.1).until(lambda _: condition())
    except TimeoutException:
        told = tab.driver.execute_script("return told")
        raise AssertionError(f"expected {expected}, found {told}") from None


@pytest.mark.console("ERR_", "WebSocket connection to", "favicon")
@pytest.mark.parametrize("ways", [["socket", "iframe"], ["events", "longPoll", "poll"]])
def test_each_way_notices_and_comes_back(open_tab, gallery, proxy, ways):
    # A page that opens no room of its own, so that the browser's six connections are those of the test.
    tab = open_tab("transports/carafe.d.ts", address=proxy.address)
    tab.driver.execute_async_script("""
        const done = arguments[0], script = document.createElement("script");
        script.src = "carafe.js";
        script.onload = () => done();
        document.head.append(script);""")
    # The class is no property of the window, but later scripts see it.
    tab.driver.execute_script(OPEN, ways)
    told = lambda way: tab.driver.execute_script("return told[arguments[0]]", way)
    wait(tab, lambda: all("connected" in told(way) for way in ways), "connections")
    proxy.swallow()
    other = open_tab("transports/", address=gallery.address)
    other.wait(lambda: other.driver.execute_script("return sender.position") is not None, "the room")
    other.type("text", "meanwhile\n")
    tab.focus()
    wait(tab, lambda: all("meanwhile" in told(way) for way in ways), "what was said meanwhile", patience=120)
    for way in ways:
        assert told(way).count("meanwhile") == 1 and told(way).index("reconnecting") < told(way).index("meanwhile")


@pytest.mark.console("ERR_", "WebSocket connection to", "favicon")
def test_the_network_and_the_page_are_looked_at_at_once(open_tab, gallery, proxy):
    tab = open_tab("transports/carafe.d.ts", address=proxy.address)
    tab.driver.execute_async_script("""
        const done = arguments[0], script = document.createElement("script");
        script.src = "carafe.js";
        script.onload = () => done();
        document.head.append(script);""")
    tab.driver.execute_script(OPEN, ["socket"])
    told = lambda: tab.driver.execute_script("return told.socket")
    wait(tab, lambda: "connected" in told(), "a connection")
    proxy.swallow()
    for name in ("offline", "online"):
        count = told().count("connected")
        tab.driver.execute_script("dispatchEvent(new Event(arguments[0]))", name)
        wait(tab, lambda: told().count("connected") > count, f"a connection after {name}")
