"""Claims: which row a published name belongs to."""

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

from media_assets.records.file_headers import digest_of_facts, naming_damage

_DIGEST = "digest"
"""In a claim, of the rest of it."""
_DIGITS = 32


@dataclass(frozen=True, slots=True)
class Claim:
    """A published name, and the row that owns it.

    Attributes:
        key: The claim's key in the catalog.
        row: The row.
        fileurl: The name.
    """

    key: str
    row: str
    fileurl: str

    @classmethod
    def from_json(cls, data: bytes, *, key: str) -> Self:
        """Reads a claim; older ones have no digest.

        Raises:
            DamagedRecordError: It is damaged.
        """
        with naming_damage(key):
            said = dict(json.loads(data))
            if said.pop(_DIGEST, None) not in (None, digest_of_facts(said)):
                raise ValueError(said)
            return cls(key, said["row"], said["fileurl"])

    def to_json(self) -> bytes:
        """Returns what is stored of it."""
        said = {"row": self.row, "fileurl": self.fileurl}
        return json.dumps({**said, _DIGEST: digest_of_facts(said)}).encode()


def digest_of(name: str) -> str:
    """Returns what a published name is called among the claims."""
    return sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:_DIGITS]
