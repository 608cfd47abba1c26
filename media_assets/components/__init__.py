"""Dagster components: tables in YAML, which `dg` finds here."""

from media_assets.components.media_table import MediaTableComponent

__all__ = ["MediaTableComponent"]
