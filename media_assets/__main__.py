"""`python -m media_assets`, which is `media-assets`."""

from media_assets.cli import main

if __name__ == "__main__":
    main()
