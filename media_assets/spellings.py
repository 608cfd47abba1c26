"""The two Unicode forms of names: an accented letter as one character (NFC) or as two (NFD).

Keyboards produce the first, file names on a Mac often have the second, and they look the same.
"""

from collections.abc import Container
from unicodedata import normalize


def spellings(name: str) -> tuple[str, ...]:
    r"""Returns a name as given and in both Unicode forms, without duplicates.

    >>> [len(spelling) for spelling in spellings("caf\u00e9")]
    [4, 5]
    """
    return tuple(dict.fromkeys((name, normalize("NFC", name), normalize("NFD", name))))


def find_spelling(name: str, known: Container[str]) -> str | None:
    """Returns the known name that a given name means: the same one, or its other Unicode form.

    Returns:
        None if there is neither, or if both other forms are known.
    """
    if name in known:
        return name
    found = [spelling for spelling in spellings(name) if spelling in known]
    return found[0] if len(found) == 1 else None
