"""Help for tests and trials: an IO manager that needs no installation, and sample photos.

`python -m media_assets.testing FOLDER [COUNT]` draws the photos from the command line.
"""

from media_assets.sample_photos import make_sample_photos
from media_assets.testing.managers import io_manager

__all__ = ["io_manager", "make_sample_photos"]
