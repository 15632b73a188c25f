"""
Each page in each look: nothing is wider than the page, and axe-core has no complaint. On a desktop by day and on a phone
by night it becomes a picture, <page>.<language>.<look>.png.
"""

import pytest
from selenium.webdriver.common.by import By

from looks import each_look, violations
from test_guestbook import guestbook, sign  # noqa: F401 # a fixture
from test_transports import Panels

PICTURES = "desktop-light", "phone-dark"
TALK = {
    "en-US": ("Anyone up for a walk by the lake?", "Yes! In half an hour, at the boathouse.", "I bring the coffee."),
    "zh-CN": ("有人想去湖边走走吗？", "好啊！半小时后，老船屋见。", "我带咖啡。"),
}
NAMES = {"en-US": ("Ann", "Bob"), "zh-CN": ("小明", "小红")}

languages = pytest.mark.parametrize("language", TALK)


@pytest.fixture
def photograph(pytestconfig):
    folder = pytestconfig.getoption("screenshots")
    folder.mkdir(parents=True, exist_ok=True)

    def photograph(tab, title):
        for look in each_look(tab):
            overflow = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert tab.driver.execute_script(overflow) <= 0, look
            assert violations(tab) == [], look
            if look in PICTURES:
                assert tab.driver.save_screenshot(str(folder / f"{title}.{look}.png"))

    return photograph


@languages
def test_gallery(open_tab, photograph, language):
    photograph(open_tab("", language), f"gallery.{language}")


@languages
def test_echo(open_tab, photograph, language, tmp_path):
    file = tmp_path / "bytes"
    file.write_bytes(bytes(range(40)))
    tab = open_tab("echo/", language).wait_for_state("connected")
    tab.say(TALK[language][0])
    tab.element("file").send_keys(str(file))
    tab.wait(lambda: len(tab.messages) == 4, "4 messages")
    photograph(tab, f"echo.{language}")


@languages
@pytest.mark.parametrize("name, path", [("anonymous", "anonymous/gc"), ("jquery", "jquery/ww")])
def test_group(open_tab, photograph, language, name, path):
    first, second = (open_tab(path, language).wait_for_state("connected") for _ in range(2))
    first.say(TALK[language][0])
    first.wait(lambda: len(first.messages) == 1, "1 message")
    second.say(TALK[language][1])
    second.say(TALK[language][2])
    first.wait(lambda: len(first.messages) == 3, "3 messages")
    photograph(first, f"{name}.{language}")


@languages
@pytest.mark.parametrize("name, path", [("named", "named/gc"), ("private", "private/sl")])
def test_named(open_tab, photograph, language, name, path):
    tabs = [open_tab(path, language).wait_for_join() for _ in range(2)]
    photograph(tabs[0], f"{name}-join.{language}")
    for tab, user in zip(tabs, NAMES[language]):
        tab.join(user)
        tab.wait_for_state("connected")
    for speaker, text in zip((0, 1, 1), TALK[language]):
        if name == "private":
            tabs[speaker].type("to", NAMES[language][1 - speaker])
        tabs[speaker].say(text)
        tabs[0].wait(lambda: text in [message[2] for message in tabs[0].messages], text)
    photograph(tabs[0], f"{name}.{language}")


@languages
def test_chat(open_tab, photograph, language):
    other = next(name for name in TALK if name != language)
    room = {"en-US": "tea", "zh-CN": "coffee"}[language]
    tabs = [open_tab(f"chat/in/{room}", browser) for browser in (language, other)]
    for tab, browser in zip(tabs, (language, other)):
        tab.focus()
        if tab.driver.find_elements(By.ID, "name"):
            if browser == language:
                photograph(tab, f"chat-login.{language}")
            tab.type("name", NAMES[browser][0])
            tab.press(".login button")
        tab.wait_for_state("connected")
    for speaker, text in zip((0, 1, 1), TALK[language]):
        tabs[speaker].say(text)
        tabs[0].wait(lambda: text in [message[2] for message in tabs[0].messages], text)
    tabs[1].focus()
    tabs[1].driver.find_element(By.CSS_SELECTOR, "#people button:not(.me)").click()
    tabs[1].say(TALK[other][2])
    tabs[0].wait(lambda: len(tabs[0].messages) == 4, "4 messages")
    photograph(tabs[0], f"chat.{language}")
    for state in "pending", "failed":
        tabs[0].focus()
        tabs[0].driver.execute_script(
            "for (const line of document.querySelectorAll('#log article')) line.className += ` ${arguments[0]}`", state)
        photograph(tabs[0], f"chat-{state}.{language}")


@languages
def test_transports(open_tab, photograph, language):
    panels = Panels(open_tab("transports/", language)).wait_for_connections()
    photograph(panels.tab, f"transports-empty.{language}")
    for number in range(20):
        panels.say(f"{TALK[language][0]} {number}")
    panels.wait_for_line(f"{TALK[language][0]} 19")
    photograph(panels.tab, f"transports.{language}")


@languages
def test_guestbook(open_tab, photograph, language, guestbook):
    tab = open_tab("", language, guestbook.address)
    photograph(tab, f"guestbook-empty.{language}")
    sign(tab, " ", " ")
    photograph(tab, f"guestbook-refused.{language}")
    sign(tab, NAMES[language][0], TALK[language][0])
    photograph(tab, f"guestbook.{language}")


@pytest.mark.console("status of 409")
@languages
def test_chat_login_with_a_taken_name(open_tab, photograph, language):
    room, other = "chat/in/lobby", next(name for name in TALK if name != language)
    for browser in other, language:
        tab = open_tab(room, browser)
        tab.driver.delete_all_cookies()
        tab.driver.refresh()
        tab.type("name", f"Zed {language}")
        tab.press(".login button")
    assert tab.driver.find_elements(By.CSS_SELECTOR, ".login .alert")
    photograph(tab, f"chat-login-refused.{language}")
    for browser in other, language:
        open_tab(room, browser).driver.delete_all_cookies()


@pytest.mark.console("status of 409", "response code: 409")
def test_refusal(open_tab, photograph):
    open_tab("named/gc?name=Ann").wait_for_state("connected")
    photograph(open_tab("named/gc?name=Ann").wait_for_state("refused"), "named-refused.en-US")
