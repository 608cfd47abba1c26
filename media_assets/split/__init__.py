"""Splitters: what turns the medium of one row into parts, each a row of a derived table.

Nothing here knows tables, Dagster or storage.
"""

from media_assets.split.document_pages import pages
from media_assets.split.image_renditions import renditions
from media_assets.split.image_tiles import tiles
from media_assets.split.splitter import Part, Splitter
from media_assets.split.video_frames import frames
from media_assets.split.video_segments import segments

__all__ = ["Part", "Splitter", "frames", "pages", "renditions", "segments", "tiles"]
