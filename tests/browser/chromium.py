"""A real browser without a window: Debian's Chromium, driven over WebDriver, with nothing to say to any network.

Its sandbox stays off: it needs namespaces that containers and root do not give it, and it shows only pages that these
tests made. The profile is new for each browser.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--window-size=1100,900",
)


def missing() -> str:
    """What of the browser is not installed; empty where all of it is."""
    return ", ".join(name for name in ("chromium", "chromedriver") if shutil.which(name) is None)


@contextmanager
def browser(directory: Path) -> Generator[Browser]:
    """A browser that is ended at the end; its profile and its downloads are in `directory`."""
    options = Options()
    options.binary_location = shutil.which("chromium") or ""
    for flag in (*FLAGS, f"--user-data-dir={directory / 'profile'}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = Service(executable_path=shutil.which("chromedriver"))
    driver = webdriver.Chrome(options=options, service=service)
    try:
        yield Browser(driver, directory / "downloads")
    finally:
        driver.quit()


class Browser:
    """What the tests ask of a browser.

    Args:
        driver: the running browser.
        downloads: directory that files are saved to.
    """

    def __init__(self, driver: webdriver.Chrome, downloads: Path) -> None:
        self.driver = driver
        self.downloads = downloads
        downloads.mkdir()
        self.devtools("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(downloads), eventsEnabled=True)

    def devtools(self, command: str, **arguments: Any) -> Any:
        """Say something in the DevTools protocol."""
        return self.driver.execute_cdp_cmd(command, arguments)

    def open(self, page: Path, fragment: str = "") -> None:
        """Show a page from a file, anew and at rest, and forget what came before it."""
        self.driver.get("about:blank")
        self.media(prefers_reduced_motion="reduce")
        self.console(), self.requests()
        self.driver.get(page.as_uri() + fragment)

    def run(self, script: str, *arguments: Any) -> Any:
        """What a function body of JavaScript returns. DevTools may run what the page's policy forbids to the page."""
        return self.driver.execute_script(script, *arguments)

    def media(self, media: str = "", **features: str) -> None:
        """Show the page on another medium, or to a reader with other preferences."""
        chosen = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        self.devtools("Emulation.setEmulatedMedia", media=media, features=chosen)

    def size(self, width: int, height: int = 900) -> None:
        """Give the page a window of this size, in CSS pixels."""
        self.devtools(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )

    def console(self) -> list[str]:
        """What the console said since it was last asked."""
        return [entry["message"] for entry in self._log("browser")]

    def requests(self) -> list[str]:
        """The addresses that were asked for since this was last asked."""
        events = [json.loads(entry["message"])["message"] for entry in self._log("performance")]
        return [each["params"]["request"]["url"] for each in events if each["method"] == "Network.requestWillBeSent"]

    def _log(self, name: str) -> list[dict[str, Any]]:
        taken: list[dict[str, Any]] = self.driver.get_log(name)  # type: ignore[no-untyped-call]
        return taken
