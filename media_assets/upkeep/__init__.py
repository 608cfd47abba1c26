"""What keeps a table right: verify, delete, collect, drop and restore."""
