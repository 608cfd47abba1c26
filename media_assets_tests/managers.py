"""IO managers with the credentials of a test's own server, as plain settings."""

from media_assets.home import find_home
from media_assets.installation import InCode, Installation
from media_assets.io_manager import MediaIOManager
from media_assets.stores import Storage


def manager_with(storage: Storage, **fields: str) -> MediaIOManager:
    """Returns a manager with these fields, which has its credentials from no resource."""
    manager = MediaIOManager(**fields)  # pyright: ignore[reportArgumentType]
    manager.opened[find_home(), None] = Installation.open(InCode(fields, storage=storage))
    return manager
