"""The base class of all errors of this package."""

from media_assets.masking import mask_secrets


class MediaAssetsError(Exception):
    """The base of every error of this package; `str(error)` is meant for the user."""

    def __init__(self, what: str, *, accepted: str, fix: str) -> None:
        """Builds the text from its three parts, without the secrets of any address in them."""
        self.what, self.accepted, self.fix = (
            mask_secrets(what),
            mask_secrets(accepted),
            mask_secrets(fix),
        )
        gap = "\n" if "\n" in self.what else " "  # a query's last line points at a letter above it
        super().__init__(f"{self.what}{gap}{self.accepted} {self.fix}")

    def __reduce__(self) -> tuple[object, ...]:
        """Pickles an error without calling its `__init__`, whose arguments are not kept."""
        return (_rebuild, (type(self), self.args, self.__dict__))


class UnreadableFileError(MediaAssetsError, ValueError):
    """A file of a medium that cannot be read; its subclasses say why.

    Attributes:
        is_for_good: Whether it fails until its content or its decoder changes, as opposed to a
            limit, which is a setting.
    """

    is_for_good = True


def _rebuild(
    kind: type[MediaAssetsError], args: tuple[object, ...], state: dict[str, object]
) -> MediaAssetsError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error
