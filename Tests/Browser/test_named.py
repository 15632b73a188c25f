import pytest

REFUSED = "status of 409", "response code: 409"


@pytest.mark.every_browser
def test_everybody_reads_who_wrote(open_tab):
    ann = open_tab("named/gc?name=Ann").wait_for_state("connected")
    bob = open_tab("named/gc").wait_for_join()
    bob.join("Bob 世界/1")
    bob.wait_for_state("connected")
    ann.say("Hello")
    bob.wait_for_messages(("theirs", "Ann", "Hello"))
    bob.say("Hi")
    bob.wait_for_messages(("theirs", "Ann", "Hello"), ("mine", "You", "Hi"))
    ann.wait_for_messages(("mine", "You", "Hello"), ("theirs", "Bob 世界/1", "Hi"))


@pytest.mark.every_browser
@pytest.mark.console(*REFUSED)
def test_name_in_use_is_refused_until_it_is_free(open_tab):
    first = open_tab("named/gc?name=Cid").wait_for_state("connected")
    second = open_tab("named/gc?name=Cid").wait_for_state("refused")
    second.wait_for_alert("using this name already")
    second.join("Dan")
    second.wait_for_state("connected")
    assert second.alert == ""

    first.close()
    third = open_tab("named/gc").wait_for_join()

    def joins():
        third.join("Cid")
        third.wait(lambda: third.state in ("connected", "refused"), "an answer")
        return third.state == "connected"

    # The server learns a moment later than we do that the tab is gone.
    third.wait(joins, "the name to be free again")
    third.say("Back")
    third.wait_for_messages(("mine", "You", "Back"))
    second.wait_for_messages(("theirs", "Cid", "Back"))


@pytest.mark.console(*REFUSED)
def test_refused_page_does_not_try_again_by_itself(open_tab):
    open_tab("named/gc?name=Eve").wait_for_state("connected")
    second = open_tab("named/gc?name=Eve").wait_for_state("refused")
    count_timers = "window.timers = 0; setTimeout = () => ++timers"
    second.driver.execute_script(count_timers)
    second.join("Eve")
    second.wait_for_state("refused")
    assert second.driver.execute_script("return timers") == 0


@pytest.mark.console("status of 400", "response code: 400")
@pytest.mark.parametrize("name", ["x" * 33, ".", "..", " "], ids=["long", "dot", "dots", "blank"])
def test_bad_name_is_refused(open_tab, name):
    tab = open_tab("named/gc").wait_for_join()
    tab.join(name)
    tab.wait_for_state("refused")
    tab.wait_for_alert("1 to 32 characters")


def test_leaving_frees_the_name(open_tab):
    tab = open_tab("named/gc?name=Flo").wait_for_state("connected")
    tab.element("leave").click()
    tab.wait_for_join()
    tab.join("Gus")
    tab.wait_for_state("connected")
    tab.say("Hello")
    tab.wait_for_messages(("mine", "You", "Hello"))
