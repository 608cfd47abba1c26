"""`media-assets`: one file per verb; what they share stands in `location`, `runs` and `output`."""

from media_assets.cli.main import main

__all__ = ["main"]
