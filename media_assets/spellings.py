"""Names in the two forms of Unicode: an accented letter as one character (NFC) or as two (NFD).

Keyboards give the first, file names of a Mac often the second, and both are the same to whoever
types them.
"""

from collections.abc import Container
from unicodedata import normalize


def spellings(name: str) -> tuple[str, ...]:
    r"""Returns a name as it is, and in both forms of Unicode, each once.

    >>> [len(spelling) for spelling in spellings("caf\u00e9")]
    [4, 5]
    """
    return tuple(dict.fromkeys((name, normalize("NFC", name), normalize("NFD", name))))


def find_spelling(name: str, known: Container[str]) -> str | None:
    """Returns the one of the known names that somebody means: this very one, or its other form.

    Returns:
        None when there is neither, or when both other forms are there.
    """
    if name in known:
        return name
    found = [spelling for spelling in spellings(name) if spelling in known]
    return found[0] if len(found) == 1 else None
