"""The time that a whole fetch may take."""

from datetime import timedelta
from time import monotonic


class Deadline:
    """A point in time, fixed when it is made."""

    def __init__(self, lasts: timedelta) -> None:
        """Takes how long there is from now on."""
        self.lasts = lasts
        self._end = monotonic() + lasts.total_seconds()

    @property
    def seconds_left(self) -> float:
        """The seconds from now to the deadline; zero or less when it is over."""
        return self._end - monotonic()

    def timeout(self, at_most: timedelta) -> float:
        """Returns the seconds that one wait may take.

        Raises:
            TimeoutError: The deadline is over.
        """
        left = self.seconds_left
        if left <= 0:
            raise TimeoutError
        return min(left, at_most.total_seconds())
