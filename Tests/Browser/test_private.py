import pytest


def say(tab, to, text):
    tab.type("to", to)
    tab.say(text)


@pytest.mark.every_browser
def test_only_the_addressee_reads_it(open_tab):
    ann, bob, cid = (open_tab(f"private/sl?name={name}").wait_for_state("connected") for name in ("Ann", "Bob", "Cid"))
    say(ann, "Bob", "For Bob")
    ann.wait_for_messages(("mine", "You → Bob", "For Bob"))
    bob.wait_for_messages(("theirs", "Ann", "For Bob"))
    # Messages keep their order, so what Cid was not to read would stand before this one.
    say(bob, "Cid", "For Cid")
    cid.wait_for_messages(("theirs", "Bob", "For Cid"))


def test_only_the_sender_hears_that_the_addressee_is_absent(open_tab):
    ann = open_tab("private/sl?name=Ann2").wait_for_state("connected")
    bob = open_tab("private/sl?name=Bob2").wait_for_state("connected")
    say(ann, "Nobody", "Hello?")
    ann.wait(lambda: ann.alert != "", "an alert")
    assert len(ann.driver.find_elements("css selector", ".mine.failed")) == 1
    say(ann, "Bob2", "Still here")
    bob.wait_for_messages(("theirs", "Ann2", "Still here"))
    assert bob.alert == ""
    assert ann.state == "connected"


@pytest.mark.console("status of 409", "response code: 409")
def test_name_in_use_is_refused(open_tab):
    open_tab("private/sl?name=Dan").wait_for_state("connected")
    open_tab("private/sl?name=Dan").wait_for_state("refused").wait_for_alert("using this name already")
