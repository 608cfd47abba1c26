"""From a fileurl to the stored file that it names."""

from media_assets.destinations import parse_fileurl
from media_assets.stores import Store, open_store


def locate(fileurl: str) -> tuple[Store, str]:
    """Returns the store that holds a file, and the file's key there.

    Raises:
        DestinationError: The text is no fileurl of a known kind of storage.
    """
    root, key = parse_fileurl(fileurl)
    return open_store(root), key
