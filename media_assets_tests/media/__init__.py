"""Small videos and sounds, made by code; nothing binary is kept in the repository."""
