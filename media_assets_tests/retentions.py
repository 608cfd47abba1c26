"""What garbage collections in tests keep."""

from datetime import timedelta

from media_assets.retention import Retention

NO_GRACE = timedelta(0)
ONLY_CURRENT = Retention(grace=NO_GRACE, keep=1)
