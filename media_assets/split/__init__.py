"""Splitters: what turns the medium of one row into parts, each a row of a derived table.

Nothing here knows tables, Dagster or storage.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from media_assets.split.splitter import Part, Splitter

if TYPE_CHECKING:
    from media_assets.split.document_pages import pages
    from media_assets.split.image_renditions import renditions
    from media_assets.split.image_tiles import tiles
    from media_assets.split.video_frames import frames
    from media_assets.split.video_segments import segments

__all__ = ["Part", "Splitter", "frames", "pages", "renditions", "segments", "tiles"]

_MODULES = {
    "frames": "video_frames",
    "pages": "document_pages",
    "renditions": "image_renditions",
    "segments": "video_segments",
    "tiles": "image_tiles",
}
"""Where each splitter is from; it is imported, with its medium, when it is first asked for."""


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        problem = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(problem)
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
