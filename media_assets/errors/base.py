"""What every error of this package is."""


class MediaAssetsError(Exception):
    """The base of every error of this package; `str(error)` is meant for the user."""

    def __init__(self, what: str, *, accepted: str, fix: str) -> None:
        """Builds the text from its three parts, each one sentence or more."""
        super().__init__(f"{what} {accepted} {fix}")
        self.what = what
        self.accepted = accepted
        self.fix = fix

    def __reduce__(self) -> tuple[object, ...]:
        """Lets errors whose own `__init__` takes values cross process borders."""
        return (_rebuild, (type(self), self.args, self.__dict__))


def _rebuild(
    kind: type[MediaAssetsError], args: tuple[object, ...], state: dict[str, object]
) -> MediaAssetsError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error
