"""Templates with the name of a row, such as `{row_stem}.webp`: checked once, filled in per row."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from string import Formatter

from media_assets.errors import DeclarationError


@dataclass(frozen=True, slots=True)
class RowTemplate:
    """A checked template."""

    text: str

    @classmethod
    def of(cls, text: str, *, where: str, known: Collection[str]) -> "RowTemplate":
        """Checks a template.

        Args:
            text: The template; double its own braces.
            where: What it is of, for the error: "publish of column 'thumbnail'".
            known: The names that may stand in braces.

        Raises:
            DeclarationError: It is no template, or has another name.
        """
        try:
            parts = list(Formatter().parse(text))
        except ValueError:
            parts = [("", None, "!", None)]
        plain = all(not spec and not conversion for _, _, spec, conversion in parts)
        names = [name for _, name, _, _ in parts if name is not None]
        if plain and set(names) <= set(known):
            return cls(text)
        raise DeclarationError(
            what=f"{where} is {text!r}, which is not a template of known names.",
            accepted=f"Text with {', '.join(f'{{{name}}}' for name in known)}.",
            fix="Correct the name in braces; double braces of the text itself: {{ and }}.",
        )

    @property
    def names(self) -> frozenset[str]:
        """The names in braces."""
        return frozenset(name for _, name, _, _ in Formatter().parse(self.text) if name)

    def fill(self, values: Mapping[str, object]) -> str:
        """Returns the text for a row."""
        return self.text.format_map(values)
