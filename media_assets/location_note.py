"""The note that a code location leaves in the home: its catalog, and that it gives credentials.

Whoever reads without the code location finds the catalog by it. No credential is ever written.
"""

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import uuid4

from media_assets.home import Home


@dataclass(frozen=True, slots=True)
class LocationNote:
    """What a code location says of itself.

    Attributes:
        catalog: The catalog's address, if its code names one.
        credentials: The storage providers that its code gives credentials for.
        module_name: The module to load it by; None where pyproject.toml names that.
        python_file: The file to load it by.
    """

    catalog: str | None = None
    credentials: tuple[str, ...] = ()
    module_name: str | None = None
    python_file: str | None = None

    @classmethod
    def path(cls, home: Home) -> Path:
        """Returns where the note of a home is."""
        return home.folder / "media" / "location.json"

    @classmethod
    def read(cls, home: Home) -> "LocationNote":
        """Returns the note of a home; an empty one where there is none, or a damaged one."""
        try:
            noted = json.loads(cls.path(home).read_text(encoding="utf-8"))
            return cls(**noted | {"credentials": tuple(noted["credentials"])})
        except (OSError, ValueError, TypeError, KeyError):
            return cls()

    def write(self, home: Home) -> None:
        """Leaves the note, whole or not at all; one that says nothing is removed.

        A home that cannot be written keeps the note that it has.
        """
        if self == LocationNote.read(home):
            return
        path = self.path(home)
        temporary = path.with_name(f".{path.name}.{uuid4().hex}")
        with suppress(OSError):
            if self.catalog is None and not self.credentials:
                path.unlink(missing_ok=True)
                return
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                temporary.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")
                temporary.replace(path)
            finally:
                temporary.unlink(missing_ok=True)
