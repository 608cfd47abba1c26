"""Row names for files that are inserted together, which must all be different."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from shlex import quote

from media_assets.errors import UploadError
from media_assets.row_names import RULES, Naming
from media_assets.uploads.upload import Upload


@dataclass(frozen=True, slots=True)
class GivenFile:
    """A file that was given directly, or is below a given folder or prefix.

    Attributes:
        upload: The file; its row name is its key.
        path: Its path as given.
    """

    upload: Upload
    path: str

    def named(self, naming: Naming) -> Upload:
        """Returns the file with its name by a rule."""
        row = naming.row(self.upload.row, uri=self.upload.uri, path=self.path)
        return replace(self.upload, row=row)


def named_by(naming: Naming, files: Iterable[GivenFile]) -> list[Upload]:
    """Returns files with their names by a rule; a file given twice counts once.

    Raises:
        UploadError: Two of them have the same name.
    """
    by_uri: dict[str, GivenFile] = {}
    for file in files:
        by_uri.setdefault(file.upload.uri, file)
    each = list(by_uri.values())
    named = [file.named(naming) for file in each]
    if pair := _of_one_name(named):
        raise _one_name(each, pair, named[pair[0]].row)
    return named


def _of_one_name(uploads: Sequence[Upload]) -> tuple[int, int] | None:
    """Returns the positions of the first two files with the same name."""
    first: dict[str, int] = {}
    for place, upload in enumerate(uploads):
        if (other := first.setdefault(upload.row, place)) != place:
            return other, place
    return None


def _one_name(files: Sequence[GivenFile], pair: tuple[int, int], row: str) -> UploadError:
    """Returns the error, which suggests only rules that give all these files different names."""
    offers: list[str] = []
    for rule in RULES:
        named = [file.named(Naming.of(rule)) for file in files]
        if _of_one_name(named) is None:
            names = " and ".join(repr(named[place].row) for place in pair)
            offers.append(f"--name-by {rule} (they are then {names})")
    fix = f"Use {', or '.join(offers)}" if offers else "Rename one of them"
    addresses = [files[place].upload.uri for place in pair]
    return UploadError(
        what=f"Two files have the row name {row!r}: {addresses[0]} and {addresses[1]}.",
        accepted="Each row name once per insert.",
        fix=f"{fix}, or insert one of them by itself: --name {quote('2-' + row)}; nothing was "
        "inserted.",
    )
