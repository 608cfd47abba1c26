"""An IO manager for tests that needs no installation."""

from pathlib import Path

from media_assets.home import Home
from media_assets.io_manager import MediaIOManager


class FolderIOManager(MediaIOManager):
    """A `MediaIOManager` that keeps everything in one folder, whatever DAGSTER_HOME is."""

    folder: str

    def find_home(self) -> Home:
        """Returns the folder, in place of this machine's home."""
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
        output_media_dest: The global destination. Default: a folder within `folder`.
        input_media_dest: Where uploads are copied to. Default: they stay in place.
    """
    return FolderIOManager(
        folder=str(Path(folder).absolute()),
        output_media_dest=output_media_dest,
        input_media_dest=input_media_dest,
    )
