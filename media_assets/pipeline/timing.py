"""The seconds that a row spends in each stage, on its own thread."""

from time import perf_counter


class Stopwatch:
    """Adds up seconds by the name of a stage; stages do not overlap."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def stage(self, name: str) -> "_Stage":
        """Adds the block's time to a stage, even if it raises."""
        return _Stage(self.seconds, name)


class _Stage:
    """A block under way; a class, since a row has thirty and a generator costs twice as much."""

    __slots__ = "_name", "_seconds", "_started"

    def __init__(self, seconds: dict[str, float], name: str) -> None:
        self._seconds, self._name = seconds, name

    def __enter__(self) -> None:
        self._started = perf_counter()

    def __exit__(self, *_: object) -> None:
        spent = perf_counter() - self._started
        self._seconds[self._name] = self._seconds.get(self._name, 0.0) + spent
