"""Content to keep, and what lies in a cache's folder."""

from hashlib import sha256
from pathlib import Path

BLOCK = 4096


def digest_of(data: bytes) -> str:
    return sha256(data).hexdigest()


def content(number: int, *, blocks: int = 1) -> bytes:
    """Some content that no other number has, of so many blocks."""
    return number.to_bytes(8) * (blocks * BLOCK // 8)


def copies(folder: Path) -> dict[str, Path]:
    """The copies that lie in a cache's folder, by digest."""
    return {path.name: path for path in (folder / "files").glob("*/*")}


def blocks_in(folder: Path) -> int:
    """The blocks that everything takes which counts."""
    paths = [path for name in ("files", "urls") for path in (folder / name).glob("*/*")]
    return sum(max(1, -(-path.stat().st_size // BLOCK)) for path in paths)


def counted(folder: Path) -> int:
    """The blocks that the cache counts."""
    return (folder / "added").stat().st_size - (folder / "removed").stat().st_size


def leftovers(folder: Path) -> list[Path]:
    """What was written and never put in its place."""
    return list((folder / "incoming").glob("*"))
