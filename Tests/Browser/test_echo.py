import json

import pytest
from selenium.webdriver.common.by import By


@pytest.mark.every_browser
def test_text_comes_back(open_tab):
    tab = open_tab("echo/").wait_for_state("connected")
    tab.say("Hello, <b>world</b> & 世界")
    tab.wait_for_messages(
        ("mine", "You", "Hello, <b>world</b> & 世界"), ("theirs", "Server", "Hello, <b>world</b> & 世界")
    )


def test_bytes_come_back(open_tab, tmp_path):
    file = tmp_path / "bytes"
    file.write_bytes(bytes([0, 255, 16, 128]))
    tab = open_tab("echo/").wait_for_state("connected")
    tab.element("file").send_keys(str(file))
    shown = "4 bytes\n00 ff 10 80"
    tab.wait_for_messages(("mine", "You", shown), ("theirs", "Server", shown))


def test_large_file_is_not_sent(open_tab, tmp_path):
    file = tmp_path / "bytes"
    file.write_bytes(bytes(64 * 1024 + 1))
    tab = open_tab("echo/").wait_for_state("connected")
    tab.element("file").send_keys(str(file))
    tab.wait_for_alert("64 KiB")
    assert tab.messages == []


def test_tabs_do_not_hear_each_other(open_tab):
    first = open_tab("echo/").wait_for_state("connected")
    second = open_tab("echo/").wait_for_state("connected")
    first.say("one")
    first.wait_for_messages(("mine", "You", "one"), ("theirs", "Server", "one"))
    second.say("two")
    second.wait_for_messages(("mine", "You", "two"), ("theirs", "Server", "two"))


# A page of JSON has no place to name an icon.
@pytest.mark.console("favicon.ico")
def test_plain_get_answers_the_request_as_json(open_tab):
    tab = open_tab("echo/my_socket")
    assert isinstance(json.loads(tab.driver.find_element(By.TAG_NAME, "body").text), dict)
