"""Parts that are kept in the files of their parents: read by their addresses alone."""

import hashlib
import shutil
from collections import OrderedDict, defaultdict
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

from media_assets.local_reading import LocalFile
from media_assets.media_types import IMAGE, MediaType, medium_of
from media_assets.temporary_folder import TemporaryFolder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PIL import Image

    from media_assets.images.limits import ImageLimits
    from media_assets.split import Splitter

_FAST = 1
"""The level at which PNG is compressed: the file is read at once, and not kept."""
_HELD = 4


def read_fragment(fragment: str) -> "tuple[Splitter, Mapping[str, object]]":
    """Returns what reads a part by its address, and the index values that say which one.

    Example:
        >>> splitter, fields = read_fragment("t=12.000&size=640,360")
        >>> splitter.description, fields
        ('all frames, at most 640 x 360 pixels', {'time': 12.0})
    """
    from media_assets.split import frames, pages, segments, tiles  # noqa: PLC0415  only for parts

    given = dict(option.split("=") for option in fragment.split("&"))
    if "page" in given:
        number = {"number": int(given["page"])}
        return (pages(dpi=float(given["dpi"])) if "dpi" in given else pages()), number
    if "xywh" in given:
        x, y, width, height = map(int, given["xywh"].split(","))
        return tiles((width, height)), {"x": x, "y": y, "width": width, "height": height}
    start, *stop = map(float, given["t"].split(","))
    if stop:
        return segments(1.0), {"start": start, "stop": stop[0]}
    size = [int(side) for side in given.get("size", "").split(",") if side]
    return frames(size=(size[0], size[1]) if size else None), {"time": start}


def digest_of_part(parent: str, fragment: str) -> str:
    """Returns the digest of a part that is kept in its parent, as 64 hex digits.

    Args:
        parent: The digest of the parent's file.
        fragment: The part's address within it.
    """
    splitter, _ = read_fragment(fragment)
    text = f"{parent}\n{splitter.name} {splitter.version}\n{fragment}"
    return hashlib.sha256(text.encode()).hexdigest()


def extract(parent: Path, fragment: str, target: BinaryIO) -> None:
    """Writes a part of a file as a file of its own: an image with every pixel, a segment as it is.

    Raises:
        UnreadableFileError: The parent is damaged, or exceeds its limits.
    """
    splitter, fields = read_fragment(fragment)
    medium = medium_of(splitter.reads)
    if medium.is_decoded:
        from media_assets.images.decode import decode_image, open_image  # noqa: PLC0415  likewise

        limits = cast("ImageLimits", medium.limits.of_any_file())
        source = decode_image(open_image(parent, limits, keeps_truncated=True))
        write_part(splitter.extract(source, "", fields), medium_of(splitter.makes), target)
        return
    with closing(medium.open(parent)) as handle:
        write_part(splitter.extract(handle, "", fields), medium_of(splitter.makes), target)


def write_part(made: object, medium: MediaType, target: BinaryIO) -> None:
    """Writes what a splitter made of a part."""
    if medium is IMAGE:
        from media_assets.images.modes import exact_format  # noqa: PLC0415  likewise

        image = cast("Image.Image", made)
        image.save(target, exact_format(image.mode), compress_level=_FAST)
        return
    made_format = getattr(made, "default_format", None)
    encoding = medium.check_encoding(made_format, None)
    with TemporaryFolder() as folder:
        path = folder.path / f"part{medium.extension(encoding.format or '')}"
        medium.write(made, path, encoding, medium.limits.of_any_file())
        with path.open("rb") as file:
            shutil.copyfileobj(file, target)


class Files(Protocol):
    """What fetches the files of parents."""

    def path(self, fileurl: str) -> Path | None: ...  # noqa: D102
    def version(self, fileurl: str) -> str | None: ...  # noqa: D102
    def hashed(self, fileurl: str, path: Path) -> LocalFile: ...  # noqa: D102
    def copied(self, fileurl: str, target: Path, version: str | None) -> LocalFile: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class _Held:
    """A parent that was read.

    Attributes:
        file: Its file.
        version: That of a file elsewhere.
        folder: The folder of its copy, which is deleted when nobody uses it.
    """

    file: LocalFile
    version: str | None = None
    folder: TemporaryFolder | None = None


class HeldParents:
    """The parents whose parts were read last: each is hashed, and fetched, once while it stays."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, _Held] = OrderedDict()
        self._lock = Lock()
        self._of_one: defaultdict[str, Lock] = defaultdict(Lock)

    def hold(self, files: Files, fileurl: str) -> _Held:
        """Returns a parent, to be kept for as long as its file is read."""
        with self._lock:
            of_one = self._of_one[fileurl]
        with of_one:
            path = files.path(fileurl)
            version = files.version(fileurl) if path is None else None
            with self._lock:
                held = self._held.get(fileurl)
            if held is None or not _is_as_it_was(held, version, is_here=path is not None):
                held = _read(files, fileurl, path, version)
            with self._lock:
                self._held[fileurl] = held
                self._held.move_to_end(fileurl)
                while len(self._held) > _HELD:
                    gone, _ = self._held.popitem(last=False)
                    self._of_one.pop(gone, None)
            return held


def _is_as_it_was(held: _Held, version: str | None, *, is_here: bool) -> bool:
    if is_here:
        return held.folder is None and held.file.is_unchanged()
    return version is not None and held.version == version


def _read(files: Files, fileurl: str, path: Path | None, version: str | None) -> _Held:
    if path is not None:
        return _Held(files.hashed(fileurl, path))
    folder = TemporaryFolder()
    return _Held(files.copied(fileurl, folder.path / "file", version), version, folder)


PARENTS = HeldParents()
"""Of this process."""
