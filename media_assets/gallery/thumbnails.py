"""The thumbnails of a gallery: small WebP files, named by the digest of their source."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from media_assets.concurrency import map_concurrently
from media_assets.gallery.contents import File
from media_assets.reading import Reader
from media_assets.stores.staging import staging_name

SIZE = (256, 256)
_LETTERS = 2
"""Of a digest, in the name of its folder."""


def thumbnail_path(digest: str) -> str:
    """Returns the path of a content's thumbnail, relative to the folder of thumbnails."""
    return f"{digest[:_LETTERS]}/{digest[_LETTERS:34]}.webp"


class ThumbnailFolder:
    """A folder of thumbnails; existing ones are reused.

    Attributes:
        made: How many thumbnails were made.
        problems: Why there is no thumbnail, for each digest without one.
    """

    def __init__(self, folder: Path, reader: Reader) -> None:
        self._folder, self._reader = folder, reader
        self._standing = set(_thumbnails_in(folder))
        self.made = 0
        self.problems: dict[str, str] = {}

    def fill(self, files: Iterable[File]) -> Iterator[None]:
        """Makes the missing thumbnails, several at a time, and yields after each."""
        missing = {f.digest: f for f in files if thumbnail_path(f.digest) not in self._standing}
        for digest, problem in map_concurrently(self._fill, missing.values()):
            if problem is None:
                self.made += 1
            else:
                self.problems[digest] = problem
            yield

    def remove_others(self, files: Iterable[File]) -> None:
        """Removes all thumbnails but those of these files."""
        for path in self._standing.difference(thumbnail_path(file.digest) for file in files):
            (self._folder / path).unlink(missing_ok=True)

    def _fill(self, file: File) -> tuple[str, str | None]:
        from media_assets.images.thumbnails import webp_bytes  # noqa: PLC0415  slow: Pillow
        from media_assets.thumbnails import thumbnail_of  # noqa: PLC0415  likewise

        path = self._folder / thumbnail_path(file.digest)
        try:
            content = webp_bytes(thumbnail_of(file.pictured, SIZE, self._reader, verifies=True))
        except Exception as error:  # noqa: BLE001  whatever is wrong with a file is shown in its place
            return file.digest, str(error)
        path.parent.mkdir(parents=True, exist_ok=True)
        staged = path.with_name(staging_name())
        staged.write_bytes(content)
        staged.replace(path)
        return file.digest, None


def _thumbnails_in(folder: Path) -> Iterator[str]:
    """Yields the paths of thumbnails below a folder, and no other folder's files."""
    if not folder.is_dir():
        return
    with os.scandir(folder) as folders:
        for each in folders:
            if len(each.name) == _LETTERS and each.is_dir():
                with os.scandir(each) as files:
                    yield from (f"{each.name}/{file.name}" for file in files if file.is_file())
