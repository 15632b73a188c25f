import pytest

TITLES = {
    "": ("Carafe gallery", "Carafe 示例"),
    "echo/": ("Echo", "回声"),
    "anonymous/gc": ("Anonymous group chat", "无名群聊"),
    "named/gc": ("Named group chat", "有名群聊"),
    "private/sl": ("Private chat", "私聊"),
    "jquery/ww": ("Group chat with jQuery", "jQuery 群聊"),
    "transports/": ("Five ways to push", "推送的五种方式"),
    "chat/in/lobby": ("Chat", "聊天"),
}


@pytest.mark.parametrize("path", TITLES)
@pytest.mark.parametrize("language, code", [("en-US", "en"), ("zh-CN", "zh-Hans")])
def test_page_is_in_the_reader_s_language(open_tab, path, language, code):
    tab = open_tab(path, language)
    assert tab.driver.title == TITLES[path][language == "zh-CN"]
    assert tab.driver.execute_script("return document.documentElement.lang") == code


@pytest.mark.parametrize("path", ["anonymous/gc", "jquery/ww"])
def test_script_speaks_chinese(open_tab, path):
    tab = open_tab(path, "zh-CN").wait_for_state("connected")
    assert tab.element("state").text == "已连接"
    tab.say("你好")
    tab.wait_for_messages(("mine", "我", "你好"))


@pytest.mark.console("status of 409", "response code: 409")
def test_refusal_is_told_in_chinese(open_tab):
    open_tab("named/gc?name=小明", "zh-CN").wait_for_state("connected")
    open_tab("named/gc?name=小明", "zh-CN").wait_for_state("refused").wait_for_alert("已有人使用")


def test_gallery_links_lead_to_the_demos(open_tab):
    tab = open_tab("")
    links = "return [...document.links].map((link) => link.href)"
    addresses = tab.driver.execute_script(links)
    assert [address.removeprefix(tab.driver.current_url) for address in addresses] == list(TITLES)[1:]
