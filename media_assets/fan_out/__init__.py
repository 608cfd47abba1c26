"""The rows of one large partition on many machines; the step alone commits."""
