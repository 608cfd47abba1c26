"""Help for trials and tests: an IO manager without an installation, and sample photos.

`python -m media_assets.testing FOLDER [COUNT]` draws them from the command line.
"""

from media_assets.sample_photos import make_sample_photos
from media_assets.testing.managers import io_manager

__all__ = ["io_manager", "make_sample_photos"]
