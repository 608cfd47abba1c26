"""Lines for people on standard error."""

import sys

from media_assets.masking import make_printable, mask_secrets


def tell(text: str) -> None:
    """Writes a line to standard error, without secrets and control characters."""
    sys.stderr.write(make_printable(mask_secrets(text), keep="\n\t") + "\n")
    sys.stderr.flush()
