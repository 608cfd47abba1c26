"""The command line, `media-assets`: one file per verb, and what they share."""

from media_assets.cli.main import main

__all__ = ["main"]
