"""The file of what a row function made."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from PIL import Image

from media_assets.file_facts import FileFacts
from media_assets.images.animation_files import encode_animation
from media_assets.images.decode import ImageLimits, image_facts, open_image
from media_assets.images.encode import encode_image
from media_assets.images.formats import Encoding
from media_assets.limits import Limits
from media_assets.media_types import MediaType
from media_assets.pixels.animation import Animation


class Closable(Protocol):
    """What row functions get and return for a file; it may be closed twice."""

    def close(self) -> None:
        """Deletes temporary files, and lets go of everything."""
        ...


@dataclass(frozen=True, slots=True)
class MadeFile:
    """What is known of a file that was just written."""

    facts: FileFacts
    digest: str
    size_bytes: int


def write_made(
    made: object,
    medium: MediaType,
    path: Path,
    file: BinaryIO,
    encoding: Encoding,
    limits: Limits,
) -> FileFacts:
    """Writes what a row function made, and returns its facts.

    Args:
        made: An image of Pillow, or what the kind of media can write.
        medium: The kind.
        path: The new file.
        file: The same, open for reading and writing.
        encoding: How it is written.
        limits: The limits on it, unless it is an image of Pillow.
    """
    if isinstance(made, Animation):
        return _write_animation(made, file, encoding)
    if not isinstance(made, Image.Image):
        try:
            return medium.write(made, path, encoding, limits)
        finally:
            if not isinstance(made, Path):
                cast("Closable", made).close()
    written = encode_image(made, file, encoding)
    file.flush()
    return FileFacts(written.format, made.width, made.height, 1, tuple(written.marks))


def _write_animation(made: Animation, file: BinaryIO, encoding: Encoding) -> FileFacts:
    """Writes an animation, and returns the facts of the file: WebP merges frames that are equal."""
    written = encode_animation(made, file, encoding)
    file.flush()
    file.seek(0)
    facts = image_facts(open_image(file.read(), ImageLimits.of_any_file()))
    others = {"duration": made.duration} if facts.frames > 1 else {}
    size = facts.width, facts.height
    return FileFacts(written.format, *size, facts.frames, tuple(written.marks), others)


def hash_made(facts: FileFacts, file: BinaryIO) -> MadeFile:
    """Returns what is known of a file that was written, after hashing it."""
    file.seek(0)
    digest = hashlib.file_digest(file, hashlib.sha256).hexdigest()  # pyright: ignore[reportArgumentType]  # a real file
    return MadeFile(facts, digest, file.tell())
