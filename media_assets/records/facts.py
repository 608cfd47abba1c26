"""Facts of a cell that have no column in its manifest, as a JSON object.

marks      a list of texts: what was left out of an image, is wrong with it, or was written
           differently than its column says
truncated  true: the file ends early, and what could be decoded of it was kept
"""

import json
from collections.abc import Mapping, Sequence


def encode_facts(marks: Sequence[str], others: Mapping[str, object] | None = None) -> str | None:
    """Returns the facts as JSON; None if there are none. Unknown ones are left out.

    Example:
        >>> encode_facts(["end marker missing"])
        '{"marks": ["end marker missing"]}'
    """
    facts = {"marks": list(marks)} if marks else {}
    facts |= {name: fact for name, fact in (others or {}).items() if fact is not None}
    return json.dumps(facts) if facts else None


def decode_facts(facts: str | None) -> Mapping[str, object]:
    """Returns the facts that `encode_facts` made JSON of.

    Example:
        >>> decode_facts('{"pages": 3}')
        {'pages': 3}
    """
    return {} if facts is None else json.loads(facts)


def is_truncated(facts: str | None) -> bool:
    """Whether facts say that only a part of a file could be decoded.

    Example:
        >>> is_truncated('{"truncated": true}')
        True
    """
    return decode_facts(facts).get("truncated") is True
