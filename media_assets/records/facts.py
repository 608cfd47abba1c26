"""Facts of a cell beside the columns of its manifest, as a JSON object.

marks   what was left out of an image, is not as it should be, or was written in another way
        than its column says: a list of texts
"""

import json
from collections.abc import Sequence


def encode_facts(marks: Sequence[str]) -> str | None:
    """Returns the facts as JSON; None where there is nothing to say.

    Example:
        >>> encode_facts(["end marker missing"])
        '{"marks": ["end marker missing"]}'
    """
    return json.dumps({"marks": list(marks)}) if marks else None
