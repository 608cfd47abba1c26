"""Encoded files on their way out: staged near their destination, then put in place."""

import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Self

from media_assets.cache import Cache
from media_assets.errors import StoreFaultError
from media_assets.file_keys import file_key
from media_assets.images.formats import Encoding
from media_assets.media_types import medium_of
from media_assets.pipeline.calls import Call, Outcome
from media_assets.pipeline.disk import disk_faults
from media_assets.pipeline.made_files import MadeFile, hash_made, write_made
from media_assets.pipeline.plan import OutputPlan, Plan
from media_assets.pipeline.process_server import ProcessMade
from media_assets.pipeline.timing import Stopwatch
from media_assets.records.facts import encode_facts
from media_assets.records.manifests import Record
from media_assets.stores import Store, staging_name
from media_assets.stores.protocol import Attributes
from media_assets.stores.retry import retried
from media_assets.temporary_folder import TemporaryFolder, remove_abandoned_folders


@dataclass(frozen=True, slots=True)
class Placement:
    """A staged file of a column, and its final place.

    Attributes:
        is_rename: Whether placing it is a local rename, which takes no time.
    """

    column: str
    store: Store
    key: str
    staged: Path
    content_type: str
    digest: str = ""
    cache: Cache | None = None
    attributes: Attributes | None = None
    is_rename: bool = False

    def place(self) -> None:
        """Moves or uploads the staged file; afterwards the complete file is in place.

        Uploaded files are kept in the cache, so that reading them again fetches nothing.
        """
        if self.cache is not None and not self.is_rename:
            self.cache.put_file(self.digest, self.staged)
        retried(
            lambda: self.store.put_file(
                self.key,
                self.staged,
                content_type=self.content_type,
                attributes=self.attributes,
            )
        )

    def discard(self) -> None:
        """Deletes the staged file, which is not to be placed."""
        self.staged.unlink(missing_ok=True)


class FileWriter:
    """Stages the files of one step; safe to use from several threads.

    Files for a local destination are staged in their final folder, so that placing one is a
    rename; all others are staged in a temporary folder that is deleted with the step.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._stores: dict[str, Store] = {}
        folders: dict[str, Path | None] = {}
        for output in plan.outputs:
            if output.destination is not None:
                name, store = (
                    output.column.name,
                    plan.reader.storage.open(output.destination, output.options),
                )
                self._stores[name] = store
                folders[name] = store.staging_folder(output.key_prefix)
        # Created last: if a destination is refused above, nothing would remove it.
        remove_abandoned_folders()
        with disk_faults(Path(tempfile.gettempdir(), "staged")):
            self._temporary = TemporaryFolder()
        self._folders = {n: f or self._temporary.path for n, f in folders.items()}
        self._open: set[Path] = set()
        self._has_ended = False

    def encode(
        self,
        output: OutputPlan,
        cell: Record,
        made: object,
        encoding: Encoding,
        watch: Stopwatch,
    ) -> tuple[Record, Placement]:
        """Writes what a function made into a staged file; returns its record and placement."""
        with self._stage(output) as (path, file):
            with watch.stage("encode"):
                medium = medium_of(output.column.type)
                limits = self._plan.limits_of(medium)
                facts = write_made(made, medium, path, file, encoding, limits)
            with watch.stage("hash"):
                written = hash_made(facts, file)
        return self._place(output, _of_file(cell, written), path)

    def receive(
        self,
        output: OutputPlan,
        cell: Record,
        write: Callable[[Path], Generator[Call, Outcome, ProcessMade]],
    ) -> Generator[Call, Outcome, tuple[Record, Placement] | None]:
        """Lets the caller write a staged file, and returns its record and placement.

        Yields:
            The call that writes it, if that has to wait.

        Returns None if the caller wrote nothing.
        """
        with self._stage(output) as (path, _):
            made = yield from write(path)
            if made.file is None:
                path.unlink()
                return None
        return self._place(output, _of_file(cell, made.file), path)

    def copy(
        self,
        output: OutputPlan,
        cell: Record,
        write: Callable[[BinaryIO], object],
        watch: Stopwatch,
    ) -> tuple[Record, Placement]:
        """Stages a file's bytes unchanged, for another destination; the caller writes them."""
        with watch.stage("write"), self._stage(output) as (path, file):
            write(file)
        return self._place(output, cell, path)

    def copy_within(self, output: OutputPlan, cell: Record) -> Record | None:
        """Copies a stored file to a column's destination in the same bucket, within the storage.

        Returns:
            Its record there; None if it is in another bucket or on this machine.

        Raises:
            StoredFileMissingError: The file no longer exists.
            StoreFaultError: The storage failed, or holds a different size than was written.
        """
        assert output.destination is not None  # noqa: S101  only those have a store
        storage = self._plan.reader.storage
        source, source_key = storage.store_of(cell.fileurl or "")
        store, key = self._stores[output.column.name], self._key(output, cell)
        if source is not storage.open(output.destination) or store.path(key) is not None:
            return None
        content_type = medium_of(output.column.type).content_type(cell.format or "")
        is_same = cell.object_options is None is output.kept_with
        attributes = None if is_same else output.options.attributes(cell.row)
        retried(
            lambda: store.copy(source_key, key, content_type=content_type, attributes=attributes)
        )
        found = retried(lambda: store.head(key)).size_bytes
        if found != cell.size_bytes:
            raise StoreFaultError(
                store.fileurl(source_key),
                action="copy",
                reason=f"it has {found} bytes at {key!r}, but {cell.size_bytes} were written",
            )
        return replace(cell, fileurl=store.fileurl(key), object_options=output.kept_with)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Removes the temporary folder with its contents, and partly written files.

        A thread that is no longer waited for may still write one, but does not start another.
        """
        self._has_ended = True
        for path in self._open.copy():
            path.unlink(missing_ok=True)
        self._temporary.close()

    @contextmanager
    def _stage(self, output: OutputPlan) -> Generator[tuple[Path, BinaryIO]]:
        """Opens a new staging file, and removes it if the block raises."""
        folder = self._folders[output.column.name]
        if self._has_ended:
            raise InterruptedError
        path = folder / staging_name()
        self._open.add(path)
        try:
            # Opened for reading too: a JPEG whose end can be checked is encoded into the real file
            # descriptor, which lets other threads run in the meantime.
            with disk_faults(path), path.open("x+b") as file:
                yield path, file
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        finally:
            self._open.discard(path)

    def _key(self, output: OutputPlan, cell: Record) -> str:
        """Returns the key of a cell's file in the column's store."""
        assert output.destination is not None  # noqa: S101  only those have a store
        name = file_key(
            table=self._plan.table,
            column=output.column.name,
            partition=self._plan.partition,
            row=cell.row,
            digest=cell.digest or "",
            extension=medium_of(output.column.type).extension(cell.format or ""),
        )
        return output.destination.key(name)

    def _place(self, output: OutputPlan, cell: Record, path: Path) -> tuple[Record, Placement]:
        store, key = self._stores[output.column.name], self._key(output, cell)
        placement = Placement(
            output.column.name,
            store,
            key,
            path,
            medium_of(output.column.type).content_type(cell.format or ""),
            digest=cell.digest or "",
            cache=self._plan.reader.cache,
            attributes=output.options.attributes(cell.row) or None,
            is_rename=store.path(key) is not None,
        )
        record = replace(cell, fileurl=store.fileurl(key), object_options=output.kept_with)
        return record, placement


def _of_file(cell: Record, written: MadeFile) -> Record:
    facts = written.facts
    return replace(
        cell,
        digest=written.digest,
        size_bytes=written.size_bytes,
        width=facts.width,
        height=facts.height,
        frames=facts.frames,
        format=facts.format,
        facts=encode_facts(facts.marks, facts.others),
    )
