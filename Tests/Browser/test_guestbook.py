"""The guestbook: forms that go to the next page and back, for two people who do not share a browser."""

import pathlib

import pytest
from selenium.webdriver.common.by import By

from gallery import Gallery


@pytest.fixture
def guestbook(pytestconfig, tmp_path, monkeypatch):
    monkeypatch.setenv("GUESTBOOK_FILE", str(tmp_path / "book.sqlite"))
    monkeypatch.setenv("GUESTBOOK_SECRET", "a secret of a test, long enough for it")
    guestbook = Gallery(pathlib.Path(pytestconfig.getoption("gallery")).with_name("Guestbook"))
    yield guestbook
    guestbook.stop()


def sign(tab, name, text):
    tab.focus()
    for field, value in {"name": name, "text": text}.items():
        element = tab.driver.find_element(By.ID, field)
        element.clear()
        element.send_keys(value)
    tab.press("main > form button")


def entries(tab):
    tab.focus()
    # WebKit's driver has no text of a button.
    texts = tab.driver.execute_script("return [...document.querySelectorAll('article')].map((entry) => entry.innerText)")
    return [tuple(line for line in text.splitlines() if line) for text in texts]


def notices(tab):
    tab.focus()
    return [notice.text for notice in tab.driver.find_elements(By.CSS_SELECTOR, "[role=status]")]


@pytest.mark.every_browser
def test_two_guests_sign_and_one_takes_it_back(guestbook, open_tab):
    ada = open_tab("", address=guestbook.address)
    sign(ada, "Ada", "Hello <b>there</b>")
    assert notices(ada) == ["Thank you for your entry."]
    [(heading, text, remove)] = entries(ada)
    assert heading.startswith("Ada ") and text == "Hello <b>there</b>" and remove == "Remove"

    li = open_tab("", language="zh-CN", address=guestbook.address)
    assert [len(lines) for lines in entries(li)] == [2]
    sign(li, "李", "你好")
    ada.focus()
    ada.driver.refresh()
    assert notices(ada) == []
    assert [lines[1] for lines in entries(ada)] == ["你好", "Hello <b>there</b>"]

    # The session outlives the server.
    guestbook.stop()
    guestbook.start()
    ada.press("article form button")
    assert notices(ada) == ["Your entry is gone."]
    assert [lines[1] for lines in entries(ada)] == ["你好"]
    assert ada.driver.find_element(By.ID, "name").get_attribute("value") == "Ada"


def test_its_style_is_there_and_kept(guestbook, open_tab):
    tab = open_tab("", address=guestbook.address)
    tab.focus()
    style = tab.driver.find_element(By.CSS_SELECTOR, "link[rel=stylesheet]").get_attribute("href")
    assert "/static/guestbook.css?v=" in style
    assert tab.driver.execute_script("return getComputedStyle(document.querySelector('main')).maxWidth") == "640px"
    tab.driver.refresh()
    sizes = tab.driver.execute_script(
        "return performance.getEntriesByType('resource').filter(e => e.name.includes('.css')).map(e => e.transferSize)")
    assert sizes == [0], "the second time it comes from the browser's cache"
