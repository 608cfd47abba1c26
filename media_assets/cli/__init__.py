"""The command line, `media-assets`: one file per verb, and what they share."""

from media_assets.cli.main import main
from media_assets.cli.program import program

__all__ = ["main", "program"]
