"""Encoded files on their way out: staged next to where they go, then put in place."""

import errno
import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Self

from PIL import Image

from media_assets.errors import StoreFullError
from media_assets.images import Encoding, content_type, encode_image, extension
from media_assets.keys import file_key
from media_assets.manifests import Record
from media_assets.pipeline.plan import OutputPlan, Plan
from media_assets.pipeline.timing import Stopwatch
from media_assets.stores import Store, open_store, staging_name

_FAULTS_OF_THE_DISK = frozenset(
    {
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EFBIG,
        errno.EROFS,
        errno.EIO,
        errno.EMFILE,
        errno.ENFILE,
    }
)


@dataclass(frozen=True, slots=True)
class Placement:
    """A staged file of a column and where it goes."""

    column: str
    store: Store
    key: str
    staged: Path
    content_type: str

    @property
    def is_rename(self) -> bool:
        """Whether placing it is a rename on this machine, done at once."""
        return self.store.path(self.key) is not None

    def place(self) -> None:
        """Moves or uploads the staged file; afterwards it is in place, whole."""
        self.store.put_file(self.key, self.staged, content_type=self.content_type)


class FileWriter:
    """Stages the files of one step; safe to use from many threads.

    A local destination's files are staged in the very folder they go to, so that placing one is a
    rename; all others in a temporary folder that goes away with the step.
    """

    def __init__(self, plan: Plan) -> None:
        """Makes the folders for staging, those of local destinations included."""
        self._plan = plan
        self._temporary = tempfile.TemporaryDirectory(prefix="media-assets-")
        self._stores: dict[str, Store] = {}
        self._folders: dict[str, Path] = {}
        for output in plan.outputs:
            if output.destination is not None:
                name, store = output.column.name, open_store(output.destination)
                self._stores[name] = store
                folder = store.staging_folder(output.key_prefix)
                self._folders[name] = folder or Path(self._temporary.name)

    def encode(
        self, output: OutputPlan, cell: Record, image: Image.Image, encoding: Encoding, watch: Stopwatch
    ) -> tuple[Record, Placement]:
        """Encodes an image into a staged file, and returns its record and where it goes."""
        with self._staged(output) as (path, file):
            with watch.stage("encode"):
                format_name = encode_image(image, file, encoding)
                file.flush()
            with watch.stage("hash"):
                data = path.read_bytes()
                digest = hashlib.sha256(data).hexdigest()
        made = replace(
            cell,
            digest=digest,
            size_bytes=len(data),
            width=image.width,
            height=image.height,
            frames=1,
            format=format_name,
        )
        return self._placed(output, made, path)

    def copy(
        self, output: OutputPlan, cell: Record, data: bytes, watch: Stopwatch
    ) -> tuple[Record, Placement]:
        """Stages a file's bytes as they are, for another destination."""
        with watch.stage("write"), self._staged(output) as (path, file):
            file.write(data)
        return self._placed(output, cell, path)

    def __enter__(self) -> Self:
        """Returns itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Removes the temporary folder and what was left in it."""
        self._temporary.cleanup()

    @contextmanager
    def _staged(self, output: OutputPlan) -> Iterator[tuple[Path, BinaryIO]]:
        """Opens a new staging file, and removes it again if the block raises."""
        folder = self._folders[output.column.name]
        path = folder / staging_name()
        try:
            # Encoders let other threads run only while they write to a real file descriptor.
            with path.open("xb") as file:
                yield path, file
        except BaseException as error:
            path.unlink(missing_ok=True)
            if isinstance(error, OSError) and error.errno in _FAULTS_OF_THE_DISK:
                raise StoreFullError(str(folder), error) from error
            raise

    def _placed(self, output: OutputPlan, cell: Record, path: Path) -> tuple[Record, Placement]:
        assert output.destination is not None  # noqa: S101  only those have a staging folder
        store = self._stores[output.column.name]
        name = file_key(
            table=self._plan.table,
            column=output.column.name,
            partition=self._plan.partition,
            row=cell.row,
            digest=cell.digest or "",
            extension=extension(cell.format or ""),
        )
        key = output.destination.key(name)
        placement = Placement(output.column.name, store, key, path, content_type(cell.format or ""))
        return replace(cell, fileurl=store.fileurl(key)), placement
