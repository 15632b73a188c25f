"""A room by each way, in a page of the test's own: the `carafe.js` that the server serves, and what it tells."""

import urllib.request

from selenium.common.exceptions import TimeoutException
from selenium.webdriver.support.wait import WebDriverWait

WAYS = ["poll", "longPoll", "iframe", "events", "socket"]
# A page that opens no room of its own, so that the browser's six connections are those of the test.
PAGE = "carafe.d.ts"
OPEN = """
    const [url, ways, options] = arguments;
    window.told = {};
    window.mine = {};
    // Each script of Firefox's driver has a Date of its own.
    window.skipTime = (time) => {
        const now = Date.now;
        Date.now = () => now() + time;
    };
    for (const way of ways) {
        const tell = (kind) => (value) => told[way].push([kind, value]);
        told[way] = [];
        mine[way] = new CarafeRoom(`${url}?way=${way}`, {
            pollEvery: 1000, ...options, ways: [way],
            onMessage: tell("message"), onGap: tell("gap"), onPresence: tell("people"),
            onState(state) {
                tell("state")(state);
                if (mine[way]) tell("position")(mine[way].position);
            },
        });
    }
"""
# No timer fires from now on: what happens is done by events.
STOP_TIME = "window.setTimeout = () => 0"


class Ways:
    """A room at a path below the page's, by each way; which is in the query too, for a proxy."""

    def __init__(self, tab, url, ways=WAYS, **options):
        self.tab, self.ways = tab, ways
        tab.focus()
        address = tab.driver.current_url.removesuffix(PAGE)
        with urllib.request.urlopen(f"{address}carafe.js") as response:
            source = response.read().decode()
        # By the driver and not by the page, whose policy may allow no script without a nonce.
        tab.driver.execute_script(source + OPEN, url, ways, options)

    def run(self, script, *arguments):
        self.tab.focus()
        return self.tab.driver.execute_script(script, *arguments)

    def told(self, way, *kinds):
        """What a room has told up to now, in its order: pairs of a kind and a value."""
        return [(kind, value) for kind, value in self.run("return told[arguments[0]]", way) if kind in kinds]

    def values(self, way, kind):
        return [value for _, value in self.told(way, kind)]

    def wait(self, condition, expected, patience=90):
        """Waits until the condition holds for each way."""
        self.tab.focus()
        try:
            WebDriverWait(self.tab.driver, patience, poll_frequency=0.05).until(
                lambda _: all(condition(way) for way in self.ways))
        except TimeoutException:
            raise AssertionError(f"expected {expected}, found {self.last(8)}") from None

    def last(self, count):
        """What each room has told last."""
        return {way: self.run("return told[arguments[0]]", way)[-count:] for way in self.ways}

    def wait_for_connections(self, count=1):
        self.wait(lambda way: self.values(way, "state").count("connected") >= count, f"{count} connections each")
        return self
