"""Loaders that run once per process, such as that of a model."""

from collections.abc import Callable
from functools import cache, wraps
from threading import RLock
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Loaded = TypeVar("Loaded")


def load_once(loader: Callable[Given, Loaded]) -> Callable[Given, Loaded]:
    """Makes a function run once per process and arguments; afterwards its result is returned.

    Row functions run on several threads. With `functools.cache` alone, each of those that come
    before the first result is there would load its own; here they wait for it. If the function
    raises, the next call runs it again. Its arguments must be hashable.

    Examples:
        >>> @load_once
        ... def words() -> list[str]:
        ...     return ["loaded"]
        >>> words() is words()
        True
    """
    cached, lock = cache(loader), RLock()

    @wraps(loader)
    def load(*args: Given.args, **kwargs: Given.kwargs) -> Loaded:
        with lock:
            return cached(*args, **kwargs)  # pyright: ignore[reportArgumentType]  # unless hashable

    return load
