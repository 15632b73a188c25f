"""
Runs the demos' pages in headless Chromium against a Gallery program:

    GALLERY_BINARY=.build/debug/Gallery .build/browser-test/bin/pytest Tests/Browser

`.ci/setup test` installs what this needs.
"""

import os
import pathlib

import pytest
from selenium import webdriver

from gallery import Gallery
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


@pytest.fixture(scope="session")
def browsers():
    """A browser per language, started when first asked for."""
    started = {}

    def browser(language):
        if language not in started:
            started[language] = start_browser(language)
        return started[language]

    yield browser
    for driver in started.values():
        driver.quit()


def start_browser(language):
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    options.add_argument("--headless=new")
    options.add_argument("--no-sandbox")
    # The certificate of the TLS test is self-made.
    options.accept_insecure_certs = True
    options.add_argument(f"--accept-lang={language}")
    options.add_experimental_option("prefs", {"intl.accept_languages": language})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options, webdriver.ChromeService("/usr/bin/chromedriver"))


@pytest.fixture
def open_tab(gallery, browsers, request):
    """Opens tabs, closes them after the test, and then looks for surprises in the browser's console."""
    tabs = []

    def open_tab(path, language="en-US", address=gallery.address):
        tabs.append(Tab(browsers(language), f"{address}/{path}"))
        return tabs[-1]

    yield open_tab
    provoked = [text for marker in request.node.iter_markers("console") for text in marker.args]
    surprises = [
        entry["message"]
        for driver in {tab.driver for tab in tabs}
        for entry in driver.get_log("browser")
        if entry["level"] == "SEVERE" and not any(text in entry["message"] for text in provoked)
    ]
    for tab in tabs:
        if tab.handle in tab.driver.window_handles:
            tab.close()
    assert surprises == []
