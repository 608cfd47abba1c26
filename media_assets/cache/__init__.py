"""Local copies of remote files: bounded, verified on every read, deleted at any time."""

from media_assets.cache.copies import Cache, CacheCounts, link_or_copy

__all__ = ["Cache", "CacheCounts", "link_or_copy"]
