"""Opens, decodes and encodes images safely: formats, modes, orientation, profiles, limits."""
