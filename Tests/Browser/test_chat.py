"""The chat: two people who do not share a browser, one with an English and one with a Chinese page."""

import pytest
from selenium.webdriver.common.by import By

from gallery import Gallery
from ways import PAGE, WAYS, Ways

GONE = "ERR_CONNECTION", "ERR_EMPTY_RESPONSE", "WebSocket connection to", "ERR_INCOMPLETE_CHUNKED_ENCODING"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "chat.sqlite"


@pytest.fixture
def chat(pytestconfig, folder, monkeypatch):
    monkeypatch.setenv("STORE", f"sqlite:{folder}")
    chat = Gallery(pytestconfig.getoption("gallery"))
    yield chat
    chat.stop()


@pytest.fixture
def enter(chat, open_tab):
    """Opens a room, and logs in where the browser has no name yet."""
    def enter(name, language="en-US", room="lobby"):
        tab = open_tab(f"chat/in/{room}", language, chat.address)
        if tab.driver.find_elements(By.ID, "name"):
            tab.type("name", name)
            tab.press(".login button")
        return tab.wait_for_state("connected") if tab.driver.find_elements(By.ID, "log") else tab

    yield enter
    # The next server has another secret, and other names.
    for language in ("en-US", "zh-CN"):
        tab = open_tab("chat/", language, chat.address)
        tab.focus()
        tab.driver.delete_all_cookies()


def lines(tab):
    """What stands in the log, notes included: (class, text)."""
    tab.focus()
    return [tuple(line) for line in tab.driver.execute_script(
        """return [...document.querySelectorAll("#log > *")].map((line) =>
            [line.className.trim(), (line.querySelector(".text") ?? line).textContent])""")]


def people(tab):
    tab.focus()
    # WebKit's driver has no text of a button.
    return tab.driver.execute_script("return [...document.querySelectorAll('#people button')].map((b) => b.textContent)")


def wait_for_line(tab, *line):
    tab.wait(lambda: line in lines(tab), f"the line {line}")


@pytest.mark.every_browser
def test_two_people_meet(enter):
    ann = enter("Ann")
    li = enter("李", "zh-CN")
    for tab in (ann, li):
        tab.wait(lambda: people(tab) == ["Ann", "李"], "both people")
    wait_for_line(ann, "note", "李 is here")
    ann.say("Hello <b>there</b>")
    wait_for_line(li, "theirs", "Hello <b>there</b>")
    wait_for_line(ann, "mine", "Hello <b>there</b>")
    li.say("你好")
    wait_for_line(ann, "theirs", "你好")
    # Both tabs of one person are one.
    second = enter("Ann")
    wait_for_line(second, "theirs", "你好")
    assert people(second) == ["Ann", "李"]


@pytest.mark.every_browser
def test_a_private_message_is_private(enter):
    ann, li, other = enter("Ann"), enter("李", "zh-CN"), enter("Ann", room="tea")
    ann.wait(lambda: people(ann) == ["Ann", "李"], "both people")
    ann.driver.find_element(By.XPATH, "//ul[@id='people']//button[text()='李']").click()
    ann.say("psst")
    wait_for_line(li, "theirs private", "psst")
    wait_for_line(ann, "mine private", "psst")
    # After a reload both still have it, and the other room has not.
    for tab in (ann, li):
        tab.focus()
        tab.driver.refresh()
        tab.wait(lambda: [text for _, text in lines(tab)].count("psst") == 1, "the private message once more")
    assert people(other) == ["Ann"] and "psst" not in [text for _, text in lines(other)]


def test_a_name_is_whose_it_is(enter):
    enter("Ann")
    other = enter("Ann", "zh-CN")
    alert = other.driver.find_element(By.CSS_SELECTOR, ".alert")
    assert alert.get_attribute("data-reason") == "taken" and "已有人使用" in alert.text


def test_who_logs_out_is_asked_for_a_name(enter):
    ann = enter("Ann")
    ann.press("#logout button")
    assert ann.element("name").is_displayed()


@pytest.mark.every_browser
@pytest.mark.console(*GONE)
def test_a_restart_loses_nothing(enter, chat):
    ann, li = enter("Ann"), enter("李", "zh-CN")
    ann.say("before")
    for tab in (ann, li):
        wait_for_line(tab, {ann: "mine", li: "theirs"}[tab], "before")
    chat.kill()
    try:
        for tab in (ann, li):
            tab.wait_for_state("reconnecting")
        ann.say("meanwhile")
        wait_for_line(ann, "mine pending", "meanwhile")
    finally:
        chat.start()
    wait_for_line(li, "theirs", "meanwhile")
    li.say("back")
    wait_for_line(ann, "theirs", "back")
    wait_for_line(ann, "mine", "meanwhile")
    said = ["before", "meanwhile", "back"]
    for tab in (ann, li, enter("Ann"), enter("李", "zh-CN")):
        tab.wait(lambda: [text for kind, text in lines(tab) if not kind.startswith("note")] == said, f"{said}")
        # What was acknowledged is in the file: it was killed, and nothing is missing.
        assert "note gap" not in [kind for kind, _ in lines(tab)]


@pytest.mark.console(*GONE, "status of 50")
def test_a_clean_restart_tells_of_no_gap(enter, chat):
    ann = enter("Ann")
    ann.say("before")
    wait_for_line(ann, "mine", "before")
    chat.stop()
    try:
        ann.wait_for_state("reconnecting")
    finally:
        chat.start()
    ann.wait_for_state("connected")
    ann.say("after")
    wait_for_line(ann, "mine", "after")
    assert "note gap" not in [kind for kind, _ in lines(ann)]


@pytest.mark.console("status of 401", "Authentication failed")
def test_another_tab_of_one_who_logs_out_reads_no_more(enter):
    bob = enter("Bob", "zh-CN")
    first, second = enter("Ann"), enter("Ann", room="lobby")
    bob.wait(lambda: people(bob) == ["Ann", "Bob"], "both")
    second.press("#logout button")
    bob.wait(lambda: people(bob) == ["Bob"], "nobody but Bob")
    first.wait(lambda: first.driver.find_elements(By.ID, "name"), "the page that asks for a name")


@pytest.mark.every_browser
@pytest.mark.console("status of 401", "Authentication failed", "response code: 401", "favicon")
def test_who_logs_out_reads_no_more_by_any_way(enter, chat, open_tab, browser):
    bob = enter("Bob", "zh-CN")
    ann = enter("Ann")
    rooms = Ways(open_tab(f"chat/{PAGE}", address=chat.address), "rooms/lobby").wait_for_connections()
    bob.wait(lambda: people(bob) == ["Ann", "Bob"], "both")
    ann.press("#logout button")
    bob.wait(lambda: people(bob) == ["Bob"], "nobody but Bob")
    bob.say("about Ann")
    wait_for_line(bob, "mine", "about Ann")
    rooms.wait(lambda way: rooms.values(way, "state")[-1] == "refused", "that it is refused")
    for way in WAYS:
        assert rooms.values(way, "message") == [], way
    assert people(bob) == ["Bob"]


@pytest.mark.console("status of 404")
def test_a_line_that_was_not_sent_can_be_tried_again(enter):
    ann = enter("Ann")
    ann.driver.execute_script("say('psst', 'Bob')")
    retry = lambda: ann.driver.find_elements(By.CSS_SELECTOR, ".failed button")
    ann.wait(retry, "a button to try again")
    enter("Bob", "zh-CN")
    ann.focus()
    ann.wait(lambda: "Bob" in people(ann), "Bob")
    retry()[0].click()
    ann.wait(lambda: ("mine private", "psst") in lines(ann) and not retry(), "the line, sent")


def test_a_keyboard_does_not_hide_the_end(enter):
    ann = enter("Ann")
    end = "const log = document.getElementById('log'); return log.scrollHeight - log.scrollTop - log.clientHeight"
    try:
        size = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
        ann.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        ann.driver.execute_script("for (let n = 0; n < 60; n++) show({ from: 'x', text: String(n), at: 0 })")
        ann.wait(lambda: ann.driver.execute_script(end) < 2, "the end in view")
        ann.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {**size, "height": 480})
        ann.wait(lambda: ann.driver.execute_script("return innerHeight") == 480, "a keyboard")
        ann.wait(lambda: ann.driver.execute_script(end) < 2, "the end still in view")
    finally:
        ann.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.console("status of 429")
def test_too_many_at_once_wait_for_their_turn(enter):
    ann = enter("Ann")
    ann.driver.execute_script("for (let number = 1; number <= 20; number++) say(String(number), null)")
    own = lambda: [text for kind, text in lines(ann) if kind == "mine"]
    ann.wait(lambda: own() == [str(number) for number in range(1, 21)], "all of them, in order")
