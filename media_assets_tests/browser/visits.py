"""A page in a real browser: what it said on its console, what it asked for, and how it looks."""

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Error,
    Page,
    Request,
    expect,
    sync_playwright,
)

SCREENSHOTS = Path(__file__).parent / "screenshots"
"""Kept after the tests for whoever wants to look; git ignores them."""

WIDTHS = {320: 640, 768: 1024, 1440: 900}
"""A phone, a tablet and a desk: width and height in pixels."""
HEIGHT = 900
"""That of pages of other widths."""


class Visit:
    """One page, and all that it did.

    Attributes:
        page: Playwright's.
        errors: What it said as an error on its console, and exceptions that nobody caught.
        requests: Every address that it asked for.
    """

    def __init__(self, page: Page, name: str) -> None:
        self.page, self._name = page, name
        self.errors: list[str] = []
        self.requests: list[str] = []
        page.on("console", self._heard)
        page.on("pageerror", self._failed)
        page.on("request", self._asked)

    def shoot(self, what: str) -> None:
        """Keeps a picture of the page as it is now."""
        SCREENSHOTS.mkdir(exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{self._name}-{what}.png")

    def asked_elsewhere(self, *own: str) -> list[str]:
        """The addresses that it asked for and that do not begin like one of its own."""
        origins = (*own, *(f"blob:{origin}" for origin in own), "data:")
        return [url for url in self.requests if not url.startswith(origins)]

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    def _failed(self, error: Error) -> None:
        self.errors.append(str(error))

    def _asked(self, request: Request) -> None:
        self.requests.append(request.url)


@contextmanager
def launched() -> Generator[Browser]:
    """Runs Debian's chromium."""
    program = shutil.which("chromium")
    assert program is not None, "The browser tests need chromium: run `make system`."
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=options)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def visiting(
    browser: Browser, name: str, *, width: int = 1440, is_dark: bool = False
) -> Generator[Visit]:
    """Opens an empty page of a width, for a visit of this name."""
    page = browser.new_page(
        viewport={"width": width, "height": WIDTHS.get(width, HEIGHT)},
        color_scheme="dark" if is_dark else "light",
    )
    page.set_default_timeout(30_000)
    expect.set_options(timeout=30_000)  # a busy machine takes more than the default of 5 seconds
    try:
        yield Visit(page, name)
    finally:
        page.close()
