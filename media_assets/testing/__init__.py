"""Help for tests and trials: a temporary home, an IO manager without one, and sample photos.

`python -m media_assets.testing FOLDER [COUNT]` draws the photos from the command line.
"""

from media_assets.sample_photos import make_sample_photos
from media_assets.testing.homes import temporary_home
from media_assets.testing.managers import io_manager

__all__ = ["io_manager", "make_sample_photos", "temporary_home"]
