"""What helps to try and to test tables: sample photos for now; public.

`python -m media_assets.testing FOLDER [COUNT]` draws them from the command line.
"""

from media_assets.testing.sample_photos import make_sample_photos

__all__ = ["make_sample_photos"]
