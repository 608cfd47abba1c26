"""Upkeep of tables: verify, delete, collect, merge, drop and restore."""
