"""The credentials of a code location, for those who have not loaded it."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol, runtime_checkable

from media_assets.code_location import IO_MANAGER_KEY, load_definitions
from media_assets.errors import LocationError
from media_assets.home import Home
from media_assets.location_note import LocationNote
from media_assets.stores.storage import Storage

_opened: dict[Home, Storage] = {}
"""The storage of each code location that this process has loaded, by home."""


@dataclass(frozen=True, slots=True)
class NotedCredentials:
    """The credentials of a code location, loaded from it when needed.

    Attributes:
        home: The home with the location's note.
        providers: The providers of the credentials.
    """

    home: Home
    providers: tuple[str, ...]

    def load(self) -> Storage:
        """Returns the location's credentials, loading it if this process has not done so.

        Raises:
            LocationError: The code location cannot be loaded, or no longer has credentials.
        """
        return _opened.get(self.home) or _load_storage(self.home)


def keep_opened(home: Home, storage: Storage) -> None:
    """Keeps the credentials of a code location that this process has loaded."""
    _opened[home] = storage


@runtime_checkable
class _HasStorage(Protocol):
    """An IO manager, reduced to its credentials."""

    @property
    def storage(self) -> Storage: ...


@cache
def _load_storage(home: Home) -> Storage:
    note = LocationNote.read(home)
    file = Path(note.python_file) if note.python_file else None
    loaded = load_definitions(note.module_name, file, folders=(Path.cwd(), home.folder))
    if isinstance(manager := loaded.io_manager, _HasStorage):
        return manager.storage
    raise LocationError(loaded.name, problem=f"has no resource {IO_MANAGER_KEY!r} of this package")
