"""A text that somebody gave, where it came from, and how to refuse it without its secrets."""

from dataclasses import dataclass
from typing import NoReturn

from media_assets.errors import DestinationError, FileurlError
from media_assets.masking import redact_uri

_WRITE_A_URI = "Write it as 's3://bucket/prefix/', or drop it to use local storage."


@dataclass(frozen=True, slots=True)
class Given:
    """A destination or a fileurl as it was written.

    Attributes:
        text: The text, secrets included: never show it.
        source: Where a destination came from; None for a fileurl.
    """

    text: str
    source: str | None

    def refuse(
        self, problem: str, *, fix: str = _WRITE_A_URI, cause: Exception | None = None
    ) -> NoReturn:
        """Raises the error, which shows the text without its secrets."""
        shown = redact_uri(self.text)
        if self.source is None:
            raise FileurlError(shown, problem=problem) from cause
        raise DestinationError(shown, source=self.source, problem=problem, fix=fix) from cause
