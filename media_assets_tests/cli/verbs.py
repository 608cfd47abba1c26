"""Runs verbs in this process as a shell would, over projects of a test's own."""

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from media_assets.cli import main

DEFINITIONS = """
from PIL import Image

import media_assets as ma

photos = ma.MediaTable("photos"{table_options})


@photos.computed_column()
def flipped(source_image: Image.Image) -> Image.Image:
    return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


@photos.computed_column()
def width(flipped: Image.Image) -> int:
    {width_body}


defs = ma.build_defs([photos])
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a verb came to."""

    exit_code: int
    output: str
    errors: str

    @property
    def first_line(self) -> str:
        return self.output.splitlines()[0]


def write_project(
    path: Path, *, table_options: str = "", width_body: str = "return flipped.width"
) -> Path:
    """Writes a file of definitions with one table, `photos`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(DEFINITIONS.format(table_options=table_options, width_body=width_body))
    return path


def run(*arguments: str | Path) -> Outcome:
    """Runs `media-assets` with these arguments."""
    output, errors, exit_code = io.StringIO(), io.StringIO(), 0
    before, sys.argv = sys.argv, ["media-assets", *map(str, arguments)]
    try:
        with redirect_stdout(output), redirect_stderr(errors):
            main()
    except SystemExit as ended:
        exit_code = int(ended.code or 0)
    finally:
        sys.argv = before
    return Outcome(exit_code, output.getvalue(), errors.getvalue())
