"""One browser tab with one of the demos, driven as a person would."""

from selenium.common.exceptions import TimeoutException, WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

# A page that is right takes a moment, whatever else the machine does: only a fault waits so long.
PATIENCE = 90


class Tab:
    def __init__(self, driver, address):
        self.driver = driver
        driver.switch_to.new_window("tab")
        self.handle = driver.current_window_handle
        driver.get(address)

    def focus(self):
        self.driver.switch_to.window(self.handle)

    def close(self):
        self.focus()
        self.driver.close()
        self.driver.switch_to.window(self.driver.window_handles[0])

    def element(self, name):
        self.focus()
        return self.driver.find_element(By.ID, name)

    def type(self, name, text):
        field = self.element(name)
        field.clear()
        field.send_keys(text)

    def say(self, text):
        self.type("text", text + Keys.ENTER)

    def join(self, name):
        self.type("name", name + Keys.ENTER)

    def press(self, selector):
        """Sends a form, and waits for the page that comes of it."""
        self.focus()
        self.driver.execute_script("window.isLeft = true")
        self.driver.find_element(By.CSS_SELECTOR, selector).click()
        # Between two pages the browser has no answer at all.
        wait = WebDriverWait(self.driver, PATIENCE, poll_frequency=0.05, ignored_exceptions=[WebDriverException])
        wait.until(lambda driver: driver.execute_script("return !window.isLeft && document.readyState === 'complete'"))

    @property
    def state(self):
        return self.element("state").get_attribute("data-state")

    @property
    def alert(self):
        return self.element("alert").text

    @property
    def messages(self):
        """What the log shows, as (own or others', from, text)."""
        self.focus()
        return [
            tuple(message)
            for message in self.driver.execute_script(
                """return [...document.querySelectorAll("#log article")].map((message) => [
                    message.classList.contains("mine") ? "mine" : "theirs",
                    message.querySelector(".from").textContent,
                    message.querySelector(".text").textContent,
                ])"""
            )
        ]

    def wait(self, condition, expected):
        """Waits until the condition holds; fails with what was expected and what the page shows."""
        self.focus()
        try:
            WebDriverWait(self.driver, PATIENCE, poll_frequency=0.05).until(lambda _: condition())
        except TimeoutException:
            raise AssertionError(f"expected {expected}, the page shows {self}") from None

    def wait_for_state(self, state):
        self.wait(lambda: self.state == state, f"state {state}")
        return self

    def wait_for_join(self):
        self.wait(lambda: self.element("name").is_displayed(), "the form that asks for a name")
        return self

    def wait_for_messages(self, *messages):
        self.wait(lambda: self.messages == list(messages), f"messages {messages}")

    def wait_for_alert(self, text):
        self.wait(lambda: text in self.alert, f"alert {text!r}")
        return self

    def __str__(self):
        return f"state {self.state!r}, alert {self.alert!r}, messages {self.messages}"
