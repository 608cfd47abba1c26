"""Media tables on Dagster: every column an asset, every file where the rules say."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

    from media_assets import split, testing, transforms
    from media_assets.audio.handle import Audio
    from media_assets.build import build_defs, table_defs
    from media_assets.catalog import Catalog
    from media_assets.columns import Length
    from media_assets.documents.document import Document
    from media_assets.fan_out.resource import FanOut
    from media_assets.home import use_home
    from media_assets.images.source_file import SourceFile
    from media_assets.io_manager import MediaIOManager
    from media_assets.loaders import load_once
    from media_assets.media_column import MediaColumn
    from media_assets.object_options import ObjectOptions
    from media_assets.parts import Parts
    from media_assets.pixels.animation import Animation
    from media_assets.tables.conditions import follow_inputs
    from media_assets.urls import presigned_url, public_url
    from media_assets.verbs.explain import explain
    from media_assets.verbs.table import MediaTable
    from media_assets.video.handle import Video

__all__ = [
    "Animation",
    "Audio",
    "Catalog",
    "Document",
    "FanOut",
    "Image",
    "Length",
    "MediaColumn",
    "MediaIOManager",
    "MediaTable",
    "ObjectOptions",
    "Parts",
    "SourceFile",
    "Video",
    "build_defs",
    "explain",
    "follow_inputs",
    "load_once",
    "presigned_url",
    "public_url",
    "split",
    "table_defs",
    "testing",
    "transforms",
    "use_home",
]

_MODULES = {
    "Animation": "pixels.animation",
    "Audio": "audio.handle",
    "Catalog": "catalog",
    "Document": "documents.document",
    "FanOut": "fan_out.resource",
    "Length": "columns",
    "MediaColumn": "media_column",
    "MediaIOManager": "io_manager",
    "MediaTable": "verbs.table",
    "ObjectOptions": "object_options",
    "Parts": "parts",
    "SourceFile": "images.source_file",
    "Video": "video.handle",
    "build_defs": "build",
    "explain": "verbs.explain",
    "follow_inputs": "tables.conditions",
    "load_once": "loaders",
    "presigned_url": "urls",
    "public_url": "urls",
    "table_defs": "build",
    "use_home": "home",
}
"""Where each name is from; a module is imported when a name of it is first asked for."""


def __getattr__(name: str) -> object:
    if name in ("split", "testing", "transforms"):
        return import_module(f"media_assets.{name}")
    if name == "Image":
        return import_module("PIL.Image").Image
    if name not in _MODULES:
        problem = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(problem)
    return getattr(import_module(f"media_assets.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
