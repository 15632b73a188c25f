"""The anonymous group chat, with its plain page and with the one written in jQuery."""

import pytest

pages = pytest.mark.parametrize("path", ["anonymous/gc", "jquery/ww"])


@pytest.mark.every_browser
@pages
def test_everybody_reads_every_message(open_tab, path):
    first = open_tab(path).wait_for_state("connected")
    second = open_tab(path).wait_for_state("connected")
    first.say("Hello")
    second.wait_for_messages(("theirs", "Someone", "Hello"))
    second.say("Hi <there>")
    first.wait_for_messages(("mine", "You", "Hello"), ("theirs", "Someone", "Hi <there>"))
    second.wait_for_messages(("theirs", "Someone", "Hello"), ("mine", "You", "Hi <there>"))


@pages
def test_same_words_of_two_people_are_told_apart(open_tab, path):
    first = open_tab(path).wait_for_state("connected")
    second = open_tab(path).wait_for_state("connected")
    first.say("Yes")
    second.wait_for_messages(("theirs", "Someone", "Yes"))
    second.say("Yes")
    second.wait_for_messages(("theirs", "Someone", "Yes"), ("mine", "You", "Yes"))
    first.wait_for_messages(("mine", "You", "Yes"), ("theirs", "Someone", "Yes"))


@pages
def test_long_log_scrolls_to_the_newest(open_tab, path):
    tab = open_tab(path).wait_for_state("connected")
    for number in range(40):
        tab.say(f"{number}")
    tab.wait(lambda: len(tab.messages) == 40, "40 messages")
    log = tab.element("log")
    below = "return arguments[0].scrollHeight - arguments[0].clientHeight - arguments[0].scrollTop"
    assert int(log.get_property("scrollHeight")) > int(log.get_property("clientHeight"))
    assert tab.driver.execute_script(below, log) < 2


@pages
def test_nothing_is_sent_for_an_empty_line(open_tab, path):
    tab = open_tab(path).wait_for_state("connected")
    tab.say("")
    tab.say("after")
    tab.wait_for_messages(("mine", "You", "after"))
