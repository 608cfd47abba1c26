"""The command line, `media-assets`: one file per verb, beside the parts that they share."""

from media_assets.cli.main import main

__all__ = ["main"]
