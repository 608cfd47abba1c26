"""Dagster components, which `dg` finds here: tables in YAML."""

from media_assets.components.media_table import MediaTableComponent

__all__ = ["MediaTableComponent"]
