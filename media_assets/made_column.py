"""A column that a step has just committed, for the IO manager and for tests of runs."""

from media_assets.media_column import MediaColumn
from media_assets.metadata import ColumnOutput
from media_assets.reading import Reader


class MadeColumn(MediaColumn):
    """The rows of one column in one partition, and the result of its commit."""

    def __init__(self, output: ColumnOutput, reader: Reader) -> None:
        super().__init__([output.committed.manifest], reader)
        self.output = output
