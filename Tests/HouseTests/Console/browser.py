"""Headless Chromium through its own driver, as little of it as the console's test needs."""

import base64
import json
import tempfile

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

WIDE, NARROW = (1280, 900), (390, 844)


def gone(element):
    """Whether the element's page was left. In the moment between two pages the driver has another error for it."""

    def look(_):
        try:
            element.is_enabled()
        except StaleElementReferenceException:
            return True
        except WebDriverException as error:
            return "does not belong to the document" in str(error)
        return False

    return look


class Browser:
    def __init__(self, root, has_script=True):
        self.root, self.has_script, self.complaints_seen = root, has_script, []
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        # Tests run as root in containers, where Chromium's own sandbox cannot.
        for argument in ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--force-color-profile=srgb"]:
            options.add_argument(argument)
        options.add_argument(f"--user-data-dir={self.profile.name}")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        if not has_script:
            options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
        self.driver = webdriver.Chrome(options=options, service=webdriver.ChromeService("/usr/bin/chromedriver"))
        self.resize(WIDE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.driver.quit()
        self.profile.cleanup()

    # -- Going and reading

    def open(self, path):
        self.driver.get_log("performance")
        self.driver.get(self.root + path)

    @property
    def status(self):
        """Of the page that was opened last, redirects followed."""
        statuses = [
            event["params"]["response"]["status"]
            for event in (json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance"))
            if event["method"] == "Network.responseReceived" and event["params"]["type"] == "Document"
        ]
        return statuses[-1] if statuses else None

    @property
    def path(self):
        return self.driver.current_url.removeprefix(self.root)

    @property
    def source(self):
        return self.driver.page_source

    def text(self, selector):
        return self.find(selector).text

    def count(self, selector):
        return len(self.driver.find_elements(By.CSS_SELECTOR, selector))

    def is_shown(self, selector):
        return any(element.is_displayed() for element in self.driver.find_elements(By.CSS_SELECTOR, selector))

    def ask(self, script):
        return self.driver.execute_script(script)

    def complaints(self):
        """Errors and warnings of the page since the last time, such as what its security policy refused."""
        entries = [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] != "INFO"]
        self.complaints_seen = entries
        return entries

    # -- Acting

    def find(self, selector):
        """`a:has-text(words)` is the first of its kind that has these words."""
        css, _, words = selector.partition(":has-text(")
        found = self.driver.find_elements(By.CSS_SELECTOR, css)
        for element in found:
            if words.removesuffix(")") in element.text:
                return element
        raise LookupError(f"{self.path} has no {selector}")

    def press(self, selector):
        """Waits for the page that comes of it."""
        element = self.find(selector)
        element.click()
        WebDriverWait(self.driver, 20).until(gone(element))

    def type(self, selector, text):
        self.find(selector).send_keys(text)

    def tab(self):
        webdriver.ActionChains(self.driver).send_keys(Keys.TAB).perform()

    def focus_is(self, selector):
        return self.driver.switch_to.active_element in self.driver.find_elements(By.CSS_SELECTOR, selector)

    # -- Pictures

    def resize(self, size):
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": False},
        )

    def colours(self, scheme):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def settle(self):
        """Charts follow the size of the page a frame later."""
        if self.has_script:
            self.driver.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")

    def picture(self, name, folder):
        """The whole page, light and dark, on a desk and on a phone; a phone's page is no wider than the phone."""
        for size, size_name in [(WIDE, "wide"), (NARROW, "narrow")]:
            self.resize(size)
            for scheme in ["light", "dark"]:
                self.colours(scheme)
                self.settle()
                metrics = self.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
                if metrics["width"] > size[0]:
                    raise AssertionError(f"{self.path} is {metrics['width']} wide on a screen of {size[0]}")
                clip = {"x": 0, "y": 0, "width": size[0], "height": metrics["height"], "scale": 1}
                shot = self.driver.execute_cdp_cmd(
                    "Page.captureScreenshot", {"format": "png", "captureBeyondViewport": True, "clip": clip}
                )
                (folder / f"{name}-{size_name}-{scheme}.png").write_bytes(base64.b64decode(shot["data"]))
        self.resize(WIDE)
        self.colours("light")
