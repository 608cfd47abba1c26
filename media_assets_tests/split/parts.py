"""All parts of something, as a table without any would have them made."""

from media_assets.split import Part, Splitter

MANY = 100_000


def nothing(_key: str) -> bool:
    """No part is there already."""
    return False


def parts_of(splitter: Splitter, source: object) -> list[Part]:
    """All parts, each with its medium."""
    return list(splitter.split(source, nothing, MANY))
