"""Small videos and sounds, made by code; nothing binary is kept in the repository."""

from pathlib import Path


def open_files(folder: Path) -> list[Path]:
    """The files below a folder that this process has open."""
    links = [link for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    files = [link.readlink() for link in links if link.exists()]
    return [file for file in files if file.is_relative_to(folder)]
