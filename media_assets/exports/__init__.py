"""Exports: files and rows of a table for programs that know nothing of this package."""

from media_assets.exports.dataset import MediaDataset

__all__ = ["MediaDataset"]
