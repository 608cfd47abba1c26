"""A bound on what is in flight: decoded pixels, counted before they are loaded."""

from collections.abc import Generator
from contextlib import contextmanager
from threading import Condition

MAX_PIXELS_IN_FLIGHT = 64_000_000
"""About four copies of each pixel are alive at once, so this is some 750 MB of RGB at worst."""


class PixelBudget:
    """Lets threads in while their images together stay within a number of pixels."""

    def __init__(self, pixels: int = MAX_PIXELS_IN_FLIGHT) -> None:
        """Sets the bound; an image larger than all of it gets in alone."""
        self._free = self._all = pixels
        self._changed = Condition()

    @contextmanager
    def hold(self, pixels: int) -> Generator[None]:
        """Waits until there is room for an image, and keeps that room while the block runs."""
        wanted = min(pixels, self._all)
        with self._changed:
            self._changed.wait_for(lambda: self._free >= wanted)
            self._free -= wanted
        try:
            yield
        finally:
            with self._changed:
                self._free += wanted
                self._changed.notify_all()
