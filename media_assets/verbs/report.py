"""Reports of verbs: plain values, shown as text or, in a notebook, as HTML."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from media_assets.masking import make_printable, mask_secrets


@dataclass(frozen=True, slots=True)
class CellError:
    """A cell with an error.

    Attributes:
        row: The row.
        column: The column.
        message: The error message.
    """

    row: str
    column: str
    message: str

    def __str__(self) -> str:
        """The row, the column and the message, in one line."""
        return f"{self.row}, {self.column}: {self.message}"


class Report:
    """The report of a verb.

    Attributes:
        failed_cells: The first cells with an error.
    """

    failed_cells: tuple[CellError, ...] = ()

    @property
    def lines(self) -> Sequence[str]:
        """The lines of the report, the most important first."""
        raise NotImplementedError

    def __str__(self) -> str:
        """Returns the lines, then the first cells with an error."""
        return "\n".join(map(_clean, [*self.lines, *self.failed_cells]))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        first, *others = (escape(_clean(line)) for line in self.lines)
        html = f"<p><b>{first}</b>{''.join(f'<br>{line}' for line in others)}</p>"
        if not self.failed_cells:
            return html
        cells = "".join(
            f"<tr><td>{escape(_clean(cell.row))}</td><td>{escape(cell.column)}</td>"
            f"<td><em>{escape(_clean(cell.message))}</em></td></tr>"
            for cell in self.failed_cells
        )
        return f"{html}<table><tr><th>row</th><th>column</th><th>error</th></tr>{cells}</table>"


def _clean(text: object) -> str:
    return make_printable(mask_secrets(str(text)), keep="\t")
