"""`python -m media_assets`, which is `media-assets`."""

from media_assets.cli import program

if __name__ == "__main__":
    program()
