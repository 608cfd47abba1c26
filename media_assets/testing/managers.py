"""An IO manager for tests, which needs no installation."""

from pathlib import Path

from media_assets.home import Home
from media_assets.io_manager import MediaIOManager


class FolderIOManager(MediaIOManager):
    """A `MediaIOManager` that keeps all in one folder, whatever DAGSTER_HOME says."""

    folder: str

    @property
    def home(self) -> Home:
        """The folder, in the place of an installation's."""
        return Home(Path(self.folder))


def io_manager(
    folder: Path | str,
    *,
    output_media_dest: str | None = None,
    input_media_dest: str | None = None,
) -> FolderIOManager:
    """Returns an IO manager that keeps its catalog, files and cache in a folder.

    Args:
        folder: An existing folder, such as pytest's `tmp_path`.
        output_media_dest: The global destination; a folder below by default.
        input_media_dest: Where uploads are kept; they stay where they are by default.
    """
    return FolderIOManager(
        folder=str(Path(folder).absolute()),
        output_media_dest=output_media_dest,
        input_media_dest=input_media_dest,
    )
