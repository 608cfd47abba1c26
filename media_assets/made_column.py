"""A column that a step has just committed, as the IO manager and tests of runs get it."""

from media_assets.media_column import MediaColumn
from media_assets.metadata import ColumnOutput
from media_assets.reading import Reader


class MadeColumn(MediaColumn):
    """The rows of one column in one partition, and what its commit came to."""

    def __init__(self, output: ColumnOutput, reader: Reader) -> None:
        """Takes what was committed, and what it takes to reach the files."""
        super().__init__([output.committed.manifest], reader)
        self.output = output
