"""The work of `media-assets insert` after its import: from files to committed columns."""

import argparse
from pathlib import Path

from click.testing import CliRunner

from benchmarks.stopwatch import measured, tell
from media_assets.cli.insert import command


def main(module: str, source: Path) -> None:
    """Inserts a folder, and measures it without start-up."""
    with measured() as figures:
        result = CliRunner().invoke(command, ["photos", str(source), "-m", module])
    assert result.exit_code == 0, result.output
    tell(figures)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("source", type=Path)
    parser.add_argument("--module", default="benchmarks.photos")
    options = parser.parse_args()
    main(options.module, options.source)
