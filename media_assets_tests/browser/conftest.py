"""One browser for the tests of a file: Playwright's event loop must end before other tests run."""

from collections.abc import Generator

import pytest
from playwright.sync_api import Browser

from media_assets_tests.browser.visits import launched


@pytest.fixture(scope="module")
def browser() -> Generator[Browser]:
    with launched() as opened:
        yield opened
