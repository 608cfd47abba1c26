"""The code location `my-photos`."""
