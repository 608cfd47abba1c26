"""Published names: a second address of a cell's file, from a template like `{row_stem}.webp`."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from media_assets.errors import DeclarationError, UnsafeKeyError
from media_assets.file_keys import check_key, row_stem
from media_assets.row_templates import RowTemplate
from media_assets.row_value import PARENT

OF_FILE = ("row", "row_stem", "width", "height", "format")
"""The names that a template may have besides those of row values."""

PARENT_STEM = "parent_stem"
"""What a template of a derived table may have as well: a readable name of the part's parent."""


@dataclass(frozen=True, slots=True)
class PublishedName:
    """Where the file of each row is published below its destination."""

    template: RowTemplate

    @classmethod
    def of(cls, text: str, *, column: str, values: Collection[str]) -> "PublishedName":
        """Checks a template when its column is declared.

        Args:
            text: The template.
            column: The column's name.
            values: The table's row values, and of a derived table also those of its parent.

        Raises:
            DeclarationError: It is not a template of known names, has none that tells rows apart,
                or its names could not be keys.
        """
        where = f"publish of column {column!r}"
        of_parent = (PARENT_STEM,) if PARENT in values else ()
        known = (*OF_FILE, *of_parent, *(name for name in values if name not in OF_FILE))
        template = RowTemplate.of(text, where=where, known=known)
        if not template.names - {"width", "height", "format"}:
            raise DeclarationError(
                what=f"{where} is {text!r}, which names no row.",
                accepted="A template with {row}, {row_stem} or a row value: the name of each "
                "published file is that of one row.",
                fix="Write it like '{row_stem}.webp'.",
            )
        try:
            check_key(template.fill(dict.fromkeys(known, "x")))
        except UnsafeKeyError as error:
            raise DeclarationError(
                what=f"{where} is {text!r}, which cannot be a name: {error.what}",
                accepted="A key below the column's destination, without a slash at either end.",
                fix="Write it like 'thumbs/{row_stem}.webp'.",
            ) from error
        return cls(template)

    def fill(self, row: str, values: Mapping[str, object], facts: Mapping[str, object]) -> str:
        """Returns the name of a row's file below its destination.

        Args:
            row: The row's name.
            values: The row's values that are not null.
            facts: The width, height and format of its file.

        Raises:
            UnsafeKeyError: The row has no such value, or the name cannot be a key.
        """
        names = {**values, "row": row, "row_stem": row_stem(row)}
        if PARENT in values:
            names[PARENT_STEM] = row_stem(str(values[PARENT]))
        names |= {name: fact for name, fact in facts.items() if fact is not None}
        if missing := sorted(self.template.names - names.keys()):
            problem = f"the row has no {missing[0]!r}"
            raise UnsafeKeyError(self.template.text, problem=problem)
        filled = self.template.fill(names)
        check_key(filled)
        return filled
