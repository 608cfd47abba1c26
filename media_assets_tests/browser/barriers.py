"""What keeps people from a page who use no mouse, or see differently, as axe-core finds it."""

from playwright.sync_api import Page

from media_assets_tests.servers.install import LINTERS, install_linters

_OPTIONS = "{resultTypes: ['violations'], preload: false}"  # it would fetch style sheets
_RUN = f"async () => (await axe.run(document, {_OPTIONS})).violations"


def barriers(page: Page) -> list[str]:
    """What axe-core finds wrong with a page as it is now: the rule, and where."""
    install_linters()
    page.evaluate((LINTERS / "axe-core" / "axe.min.js").read_text("utf-8"))
    return [
        f"{found['id']}: {node['html'][:150]} {node['failureSummary'][:300]}"
        for found in page.evaluate(_RUN)
        for node in found["nodes"]
    ]
