"""The medium of a part that is kept in its parent, as the parent's walk gave it."""

from collections.abc import Callable
from io import BytesIO

from PIL import Image

from media_assets.images.decode import ImageFacts
from media_assets.images.limits import ImageLimits
from media_assets.images.modes import exact_format, shrink
from media_assets.media_types import IMAGE
from media_assets.part_files import write_part
from media_assets.pipeline.budget import RowRoom
from media_assets.pipeline.cells import ImageCell
from media_assets.pipeline.timing import Stopwatch
from media_assets.reading import Reader


class PartCell(ImageCell):
    """The picture of a part, which is in memory already; no file has it."""

    def __init__(
        self,
        image: Image.Image,
        fileurl: str,
        digest: str,
        check: Callable[[], None],
        *,
        reader: Reader,
        limits: ImageLimits,
        room: RowRoom,
        watch: Stopwatch,
    ) -> None:
        """Keeps the picture.

        Args:
            image: The picture.
            fileurl: Its address within the parent.
            digest: The digest of the part.
            check: Raises an error if the parent has changed since it was read.
            reader: Reads no file here.
            limits: The limits on images.
            room: The memory room of the row.
            watch: Counts the seconds.
        """
        super().__init__(
            fileurl,
            reader=reader,
            limits=limits,
            room=room,
            watch=watch,
            expected_digest=digest,
        )
        image.format = exact_format(image.mode)
        self._image, self._digest, self.check_unchanged = image, digest, check
        self._facts = ImageFacts(image.format, *image.size, 1)

    def decode(self, decode_size: tuple[int, int] | None = None) -> Image.Image:
        """Returns the picture, the same object until it is dropped."""
        if decode_size not in self._decoded:
            image = self._image if decode_size is None else shrink(self._image, decode_size)
            self._decoded[decode_size] = image
        return self._decoded[decode_size]

    def take_room(self) -> None:
        """Takes no room: the picture is there."""

    def _fetch(self) -> bytes:
        file = BytesIO()
        with self._watch.stage("encode"):
            write_part(self._image, IMAGE, file)
        return file.getvalue()
