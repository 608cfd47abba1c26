"""A file as somebody names it: by a path, a fileurl, or a URL that can be opened."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from media_assets.addresses import is_web_address, split_address, strip_signature
from media_assets.destinations import Destination, parse_fileurl
from media_assets.destinations.model import SCHEMES
from media_assets.errors import FileurlError

_ON_THIS_MACHINE = Destination("file", None, "", "")


@dataclass(frozen=True, slots=True)
class AskedFile:
    """A file to look for in the catalog.

    Attributes:
        address: Its fileurl or web address, without the parameters of a signature.
        root: The bucket, as far as it is named; None for a web address without one.
        key: The key within the bucket.
        path: Where it is on this machine; None for any other file.
    """

    address: str
    root: Destination | None
    key: str
    path: Path | None = None

    @classmethod
    def named(cls, file: str | Path) -> Self:
        """Returns the file that a text means; a path is taken from the working directory.

        The address of a part that is kept in its parent's file means that file.

        Raises:
            FileurlError: The text is a URI of an unknown kind.

        >>> AskedFile.named("https://b.s3.amazonaws.com/a.jpg?X-Amz-Signature=0a").address
        'https://b.s3.amazonaws.com/a.jpg'
        """
        text = str(file)
        if not isinstance(file, Path):
            text, _ = split_address(text)
        if "://" not in text or isinstance(file, Path):
            return cls._at(Path(text).expanduser())
        if is_web_address(text):
            with suppress(FileurlError):
                root, key = parse_fileurl(text.partition("#")[0].partition("?")[0])
                return cls(strip_signature(text), root, key)
            return cls(strip_signature(text), None, "")
        root, key = parse_fileurl(text)
        if root.path is not None:
            return cls._at(root.path / key)
        return cls(root.fileurl(key), root, key)

    @classmethod
    def _at(cls, path: Path) -> Self:
        plain = os.path.abspath(path)  # noqa: PTH100  links stay, as in what was recorded
        key = plain.lstrip("/")
        return cls(_ON_THIS_MACHINE.fileurl(key), _ON_THIS_MACHINE, key, Path(plain))

    def spellings(self) -> list[Self]:
        """Returns the file, and the one that it is if there are links in its path."""
        if self.path is None:
            return [self]
        try:
            real = self._at(self.path.resolve())
        except (OSError, RuntimeError):  # a circle of links
            return [self]
        return [self] if real == self else [self, real]

    def addresses(self) -> list[str]:
        """Returns the addresses under which an upload log may have the file."""
        if self.root is None or self.root.endpoint is None:
            return [self.address]
        schemes = [scheme for scheme in SCHEMES.values() if scheme != SCHEMES["memory"]]
        return [self.address, *(f"{one}://{self.root.bucket}/{self.key}" for one in schemes)]

    def is_at(self, fileurl: str) -> bool:
        """Returns whether a recorded fileurl is that of this file.

        Where one of the two does not name its server, bucket and key decide: an object of
        `s3://bucket/` may be asked for by a presigned URL.
        """
        if fileurl == self.address or strip_signature(fileurl) == self.address:
            return True
        if self.root is None:
            return False
        try:
            root, key = parse_fileurl(fileurl)
        except FileurlError:
            return False
        if (root.bucket, key) != (self.root.bucket, self.key):
            return False
        if root.endpoint == self.root.endpoint:
            return root.provider == self.root.provider
        return None in (root.endpoint, self.root.endpoint) and "file" not in (
            root.provider,
            self.root.provider,
        )
