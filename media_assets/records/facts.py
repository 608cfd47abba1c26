"""Facts of a cell that have no column in its manifest, as a JSON object.

marks   a list of texts: what was left out of an image, is wrong with it, or was written
        differently than its column says
"""

import json
from collections.abc import Sequence


def encode_facts(marks: Sequence[str]) -> str | None:
    """Returns the facts as JSON; None if there are none.

    Example:
        >>> encode_facts(["end marker missing"])
        '{"marks": ["end marker missing"]}'
    """
    return json.dumps({"marks": list(marks)}) if marks else None
