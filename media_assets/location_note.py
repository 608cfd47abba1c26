"""A note in the home about the code location: its catalog, and what else readers need of it.

Commands that do not load the code location find the catalog by it. Credentials are never written.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from uuid import uuid4

from media_assets.home import Home


@dataclass(frozen=True, slots=True)
class LocationNote:
    """The facts about a code location.

    Attributes:
        catalog: The catalog's address, if the code names one.
        settings: The settings of reading that the code gives, by name.
        credentials: The storage providers for which the code has credentials.
        module_name: The module to load; None if pyproject.toml names it.
        python_file: The file to load.
    """

    catalog: str | None = None
    credentials: tuple[str, ...] = ()
    module_name: str | None = None
    python_file: str | None = None
    settings: Mapping[str, object] = field(default_factory=dict[str, object])

    @classmethod
    def path(cls, home: Home) -> Path:
        """Returns the path of a home's note."""
        return home.folder / "media" / "location.json"

    @classmethod
    def read(cls, home: Home) -> "LocationNote":
        """Returns the note of a home; an empty one if it is missing or damaged."""
        try:
            noted = json.loads(cls.path(home).read_text(encoding="utf-8"))
            return cls(
                **noted
                | {
                    "credentials": tuple(noted["credentials"]),
                    "settings": {**noted.get("settings", {})},
                }
            )
        except (OSError, ValueError, TypeError, KeyError):
            return cls()

    def write(self, home: Home) -> None:
        """Writes the note atomically; an empty note is deleted.

        A home that cannot be written to keeps its current note.
        """
        if self == LocationNote.read(home):
            return
        path = self.path(home)
        temporary = path.with_name(f".{path.name}.{uuid4().hex}")
        with suppress(OSError):
            if self.catalog is None and not self.credentials and not self.settings:
                path.unlink(missing_ok=True)
                return
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                temporary.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")
                temporary.replace(path)
            finally:
                temporary.unlink(missing_ok=True)
