"""The pages are used by keyboard alone: no click, no field looked up."""

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys


def press(tab, *keys):
    tab.focus()
    ActionChains(tab.driver).send_keys(*keys).perform()


def focused(tab):
    tab.focus()
    return tab.driver.switch_to.active_element.get_attribute("id")


@pytest.mark.parametrize("path", ["echo/", "anonymous/gc", "jquery/ww"])
def test_chat(open_tab, path):
    tab = open_tab(path).wait_for_state("connected")
    press(tab, "one", Keys.ENTER)
    press(tab, "two", Keys.ENTER)
    tab.wait(lambda: [text for kind, _, text in tab.messages if kind == "mine"] == ["one", "two"], "both messages")
    assert focused(tab) == "text"


@pytest.mark.every_browser
def test_join_and_chat(open_tab):
    tab = open_tab("named/gc").wait_for_join()
    press(tab, "Kim", Keys.ENTER)
    tab.wait(lambda: focused(tab) == "text", "the focus in the message field")
    press(tab, "Hello", Keys.ENTER)
    tab.wait_for_messages(("mine", "You", "Hello"))
    assert focused(tab) == "text"


def test_join_and_write_to_oneself(open_tab):
    tab = open_tab("private/sl").wait_for_join()
    press(tab, "Lea", Keys.ENTER)
    tab.wait(lambda: focused(tab) == "to", "the focus in the addressee field")
    press(tab, "Lea", Keys.TAB, "Hello", Keys.ENTER)
    tab.wait_for_messages(("mine", "You → Lea", "Hello"), ("theirs", "Lea", "Hello"))


def test_focus_is_visible(open_tab):
    tab = open_tab("echo/").wait_for_state("connected")
    press(tab, Keys.TAB)
    style = "return getComputedStyle(document.activeElement).outlineStyle"
    assert tab.driver.execute_script(style) == "solid"
