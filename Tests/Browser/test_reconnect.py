"""The server dies and comes back on its port; the pages find it again by themselves."""

import pytest

# What a browser says of a server that is not there.
GONE = "ERR_CONNECTION", "ERR_EMPTY_RESPONSE", "WebSocket connection to", "status of 409", "status of 426"


@pytest.mark.every_browser
@pytest.mark.console(*GONE)
@pytest.mark.parametrize("path", ["echo/", "anonymous/gc", "named/gc?name=Ann", "private/sl?name=Ann", "jquery/ww"])
def test_page_returns_after_a_restart(open_tab, gallery, path):
    tab = open_tab(path).wait_for_state("connected")
    gallery.kill()
    try:
        tab.wait_for_state("reconnecting")
        if path.startswith("private"):
            tab.type("to", "Ann")
        tab.say("kept")
        tab.wait_for_alert("not sent")
        assert tab.messages == []
    finally:
        gallery.start()
    tab.wait_for_state("connected")
    assert tab.alert == ""
    assert tab.element("text").get_property("value") == "kept"
    tab.say("back")
    tab.wait(lambda: ("back" in [text for _, _, text in tab.messages]), "the message after the restart")
