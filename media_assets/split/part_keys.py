"""Keys of parts that a user's function gives: each can be a part of a row's name."""

import re

from media_assets.errors import PartError

_LONGEST = 200
_UNFIT = re.compile(r"[/\\\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def check_part_key(key: object, position: int, earlier: set[str]) -> str:
    """Returns a key if it can name a part, and adds it to the earlier ones.

    Args:
        key: As the function gave it.
        position: How many parts came before.
        earlier: The keys of these.

    Raises:
        PartError: It is no text, empty, too long, there already, or has unfit characters.
    """
    if not isinstance(key, str):
        problem = f"has the key {key!r}, which is of the type {type(key).__name__}"
    elif not key.strip(" ."):
        problem = f"has the key {key!r}, which names nothing"
    elif found := _UNFIT.search(key):
        problem = f"has the key {key!r}, which has the character {found[0]!r}"
    elif len(key.encode()) > _LONGEST:
        problem = f"has a key of {len(key.encode()):,} bytes: {key[:20]!r}..."
    elif key in earlier:
        problem = f"has the key {key!r}, which a part before it has"
    else:
        earlier.add(key)
        return key
    raise PartError(
        position,
        problem=problem,
        accepted=f"A key is a text of 1 to {_LONGEST} bytes without slashes and control "
        "characters, and of one part of the row.",
        fix="Make it from what the part is, such as its place; or leave out the field `key`, "
        "and parts are named by their positions.",
    )
