"""URLs of stored files that anyone can open: presigned ones, and public ones."""

from datetime import timedelta

from media_assets.addresses import is_web_address, split_address
from media_assets.destinations import parse_fileurl
from media_assets.errors import ExpiryError, FileurlError
from media_assets.installation import open_reader
from media_assets.masking import redact_uri
from media_assets.reading import Reader
from media_assets.stores import Storage


def presigned_url(
    fileurl: str, expires_in: timedelta | float, *, storage: Storage | None = None
) -> str:
    """Returns an https URL that can read a stored file until it expires, without credentials.

    It is a secret as long as it works: never log or store it. The file need not exist. An http(s)
    URL that is not on a configured storage is already public and is returned unchanged, as is one
    with a query, such as a presigned URL. The address of a part that is kept in its parent's file
    is that file's URL with the same fragment, which browsers follow.

    Args:
        fileurl: The file, as the catalog shows it.
        expires_in: How long the URL works: seconds, or a timedelta. At most 7 days, or 90 days on
            Tigris; unlimited on Azure with an account key. A URL made with temporary credentials
            expires with them.
        storage: The credentials, which sign every address of their storage. By default those of the
            installation: the code location's, else the environment's, else those that the
            provider's own client finds. They sign an http(s) address only if it is storage: below a
            destination, a table's uploads, or `storage_sources`.

    Raises:
        FileurlError: The text is not a fileurl.
        NotSignableError: The file is local, or its credentials cannot sign.
        ExpiryError: The lifetime is not positive, or longer than the provider allows.
    """
    fileurl, fragment = split_address(fileurl)
    if fragment is not None:
        return f"{presigned_url(fileurl, expires_in, storage=storage)}#{fragment}"
    if storage is None:
        return presign(fileurl, expires_in, open_reader())
    is_web = is_web_address(fileurl)
    try:
        root, key = parse_fileurl(fileurl)
    except FileurlError:
        if is_web:
            return fileurl
        raise
    if is_web and not storage.is_configured(root):
        return fileurl
    return storage.open(root).sign(key, _lifetime(fileurl, expires_in))


def presign(fileurl: str, expires_in: timedelta | float, reader: Reader) -> str:
    """Returns the same as `presigned_url`, with the storage sources of a reader.

    An http(s) address that is not below a storage source is returned unchanged.
    """
    fileurl, fragment = split_address(fileurl)
    if fragment is not None:
        return f"{presign(fileurl, expires_in, reader)}#{fragment}"
    if reader.is_web(fileurl):
        return fileurl
    store, key = reader.storage.store_of(fileurl)
    return store.sign(key, _lifetime(fileurl, expires_in))


def public_url(fileurl: str) -> str | None:
    """Returns the public URL of a stored file, which a setting names for its destination.

    An http(s) address that is not storage is public already and is returned unchanged. None if the
    destination has no public URL.

    Args:
        fileurl: The file, as the catalog shows it.
    """
    return public_url_of(fileurl, open_reader())


def public_url_of(fileurl: str, reader: Reader) -> str | None:
    """Returns the same as `public_url`, with the settings of a reader."""
    fileurl, fragment = split_address(fileurl)
    if fragment is not None:
        found = public_url_of(fileurl, reader)
        return None if found is None else f"{found}#{fragment}"
    found = reader.public.of_file(fileurl)
    return fileurl if found is None and reader.is_web(fileurl) else found


def _lifetime(fileurl: str, expires_in: timedelta | float) -> timedelta:
    if isinstance(expires_in, timedelta):
        return expires_in
    try:
        return timedelta(seconds=expires_in)
    except (OverflowError, ValueError) as error:
        raise ExpiryError(
            redact_uri(fileurl),
            f"{expires_in} s",
            limit="the provider's longest lifetime",
            source="S3, R2, B2 and Google: 7 days, Tigris: 90 days",
        ) from error
