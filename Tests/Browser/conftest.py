"""
Runs the demos' pages in headless browsers against a Gallery program:

    GALLERY_BINARY=.build/debug/Gallery .build/browser-test/bin/pytest Tests/Browser

`.ci/setup test` installs what this needs.
"""

import os
import pathlib

import pytest

from browsers import Browsers
from gallery import Gallery, RoomServer
from proxy import Proxy
from tab import Tab

ROOT = pathlib.Path(__file__).parents[2]


def pytest_addoption(parser):
    parser.addoption("--gallery", default=os.environ.get("GALLERY_BINARY"), help="the program to test")
    parser.addoption("--screenshots", default=ROOT / ".build/screenshots", type=pathlib.Path, help="where they go")


def pytest_configure(config):
    if not config.getoption("gallery"):
        raise pytest.UsageError("name the program to test by --gallery or GALLERY_BINARY")


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config):
    if reporter := config.pluginmanager.get_plugin("terminalreporter"):
        count = {outcome: len(reporter.stats.get(outcome, [])) for outcome in ("passed", "failed", "error")}
        print(f"{count['passed']} passed, {count['failed'] + count['error']} failed")


@pytest.fixture(scope="session")
def gallery(pytestconfig):
    gallery = Gallery(pytestconfig.getoption("gallery"))
    yield gallery
    gallery.stop()


@pytest.fixture
def room_server(pytestconfig):
    """A server of the test's own, so that its rooms are empty."""
    server = RoomServer(pathlib.Path(pytestconfig.getoption("gallery")).with_name("TestServer"))
    yield server
    server.stop()


@pytest.fixture
def proxy(room_server):
    proxy = Proxy(room_server.port)
    yield proxy
    proxy.stop()


def pytest_generate_tests(metafunc):
    if "browser" in metafunc.fixturenames and metafunc.definition.get_closest_marker("every_browser"):
        metafunc.parametrize("browser", ["chromium", "firefox", "webkit"])


@pytest.fixture
def browser():
    """The browser's name: Chromium, but for tests of every browser."""
    return "chromium"


@pytest.fixture(scope="session")
def browsers():
    browsers = Browsers()
    yield browsers
    browsers.stop()


@pytest.fixture
def open_tab(gallery, browsers, browser, request):
    """Opens tabs, closes them after the test, and then looks for surprises in the browser's console."""
    tabs = []

    def open_tab(path, language="en-US", address=gallery.address):
        tabs.append(Tab(browsers.session(browser, language), f"{address}/{path}"))
        return tabs[-1]

    yield open_tab
    provoked = [text for marker in request.node.iter_markers("console") for text in marker.args]
    surprises = [
        entry["message"]
        # The other drivers do not tell what stands there.
        for driver in {tab.driver for tab in tabs if browser == "chromium"}
        for entry in driver.get_log("browser")
        if entry["level"] == "SEVERE" and not any(text in entry["message"] for text in provoked)
    ]
    for tab in tabs:
        if tab.handle in tab.driver.window_handles:
            tab.close()
    assert surprises == []
