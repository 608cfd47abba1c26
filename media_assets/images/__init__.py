"""Safe decoding and encoding of images: formats, modes, orientation, profiles, limits."""
