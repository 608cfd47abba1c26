"""The rows of one large partition on several machines; only the step commits."""
