"""The table of `photos` with partitions of the default size, so that new rows start a new one."""

import media_assets as ma
from benchmarks.photos import flipped, rotated, thumbnail

photos = ma.MediaTable("photos")
for function in (flipped, rotated, thumbnail):
    photos.computed_column()(function)

defs = ma.build_defs([photos])
