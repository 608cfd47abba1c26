"""Errors of splitting a row into parts."""

from media_assets.errors.base import MediaAssetsError


class PartsTooManyError(MediaAssetsError, ValueError):
    """A row with more parts than are made of one."""

    def __init__(self, parts: str, found: int, limit: int, *, fewer: str) -> None:
        """Builds the text.

        Args:
            parts: What they are: "frames".
            found: How many there are, or were found so far.
            limit: How many are allowed.
            fewer: How there would be fewer.
        """
        super().__init__(
            f"It would be split into {found:,} {parts} or more.",
            accepted=f"At most {limit:,} parts of one row are made.",
            fix=f"Choose {fewer}, or raise max_parts=.",
        )


class PartError(MediaAssetsError, ValueError):
    """A part that a splitting function made, and that cannot be a row."""

    def __init__(self, position: int, *, problem: str, accepted: str, fix: str) -> None:
        """Builds the text.

        Args:
            position: How many parts came before it.
            problem: What is wrong with it, as words that follow "Part 7".
            accepted: What is accepted, as a sentence.
            fix: What to do, as a sentence.
        """
        super().__init__(f"Part {position + 1} {problem}.", accepted=accepted, fix=fix)


class PartsMissingError(MediaAssetsError, TypeError):
    """A splitting function that returned something other than parts."""

    def __init__(self, kind: str) -> None:
        super().__init__(
            f"The function returned an object of the type {kind}.",
            accepted="It yields the parts of a row, or returns them in a list; None is not a part.",
            fix="Write it with `yield`, or return an empty list where there are no parts.",
        )
