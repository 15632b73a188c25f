"""The browsers that show the pages, without a window, and with the driver of each."""

import pathlib
import subprocess

from selenium import webdriver

ROOT = pathlib.Path(__file__).parents[2]
GECKODRIVER = ROOT / ".build/tools/geckodriver"
MINIBROWSER = "/usr/lib/*-linux-gnu/webkit2gtk-4.1/MiniBrowser"


class Browsers:
    """A session per browser and language, started when first asked for: two of them share no cookie."""

    def __init__(self):
        self.started = {}
        self.display = None

    def session(self, name, language):
        if (name, language) not in self.started:
            self.started[name, language] = getattr(self, name)(language)
        return self.started[name, language]

    def stop(self):
        for driver in self.started.values():
            driver.quit()
        if self.display:
            self.display.stop()

    def chromium(self, language):
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        options.add_argument("--headless=new")
        options.add_argument("--no-sandbox")
        # The certificate of the TLS test is self-made.
        options.accept_insecure_certs = True
        options.add_argument(f"--accept-lang={language}")
        options.add_experimental_option("prefs", {"intl.accept_languages": language})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        return webdriver.Chrome(options, webdriver.ChromeService("/usr/bin/chromedriver"))

    def firefox(self, language):
        options = webdriver.FirefoxOptions()
        options.binary_location = "/usr/bin/firefox-esr"
        options.add_argument("-headless")
        options.set_preference("intl.accept_languages", language)
        return webdriver.Firefox(options, webdriver.FirefoxService(str(GECKODRIVER), log_output=subprocess.DEVNULL))

    def webkit(self, language):
        """WebKitGTK takes its language from the locale, of which a machine may have but one: it is English."""
        self.display = self.display or Display()
        [binary] = pathlib.Path("/").glob(MINIBROWSER.lstrip("/"))
        options = webdriver.WebKitGTKOptions()
        options.binary_location = str(binary)
        options.add_argument("--automation")
        environment = {"DISPLAY": self.display.name, "HOME": "/nonexistent", "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
        service = webdriver.WebKitGTKService("/usr/bin/WebKitWebDriver", env=environment)
        return webdriver.WebKitGTK(options=options, service=service)


class Display:
    """An X server that shows nothing: WebKitGTK's browser has no mode without a window."""

    def __init__(self):
        command = ["Xvfb", "-displayfd", "1", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.name = ":" + self.process.stdout.readline().strip()

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()
