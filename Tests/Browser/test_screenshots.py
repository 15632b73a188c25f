"""Each page as a picture, on a desktop by day and on a phone by night: <page>.<language>.<look>.png."""

import pytest
from selenium.webdriver.common.by import By

LOOKS = {"desktop-light": (1200, 800, "light"), "phone-dark": (390, 844, "dark")}
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
        tab.focus()
        for look, (width, height, scheme) in LOOKS.items():
            size = {"width": width, "height": height, "deviceScaleFactor": 2, "mobile": width < 600}
            # Without motion, so that no picture is taken in the middle of an animation.
            preferences = {"prefers-color-scheme": scheme, "prefers-reduced-motion": "reduce"}
            features = [{"name": name, "value": value} for name, value in preferences.items()]
            tab.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
            tab.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
            tab.driver.execute_cdp_cmd("Emulation.setFocusEmulationEnabled", {"enabled": True})
            overflow = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert tab.driver.execute_script(overflow) <= 0
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


@pytest.mark.console("status of 409", "response code: 409")
def test_refusal(open_tab, photograph):
    open_tab("named/gc?name=Ann").wait_for_state("connected")
    photograph(open_tab("named/gc?name=Ann").wait_for_state("refused"), "named-refused.en-US")
