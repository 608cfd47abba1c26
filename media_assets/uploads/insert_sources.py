"""Sources of an insert: local files and folders, http(s) URLs, and files in storage."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from media_assets.destinations import parse_fileurl
from media_assets.errors import UploadError
from media_assets.media_types import IMAGE
from media_assets.reading import Reader
from media_assets.row_names import DEFAULT, Naming, path_as_given
from media_assets.uploads.folders import Found, find_files, find_listed, rename_single
from media_assets.uploads.given_names import GivenFile, named_by
from media_assets.uploads.left_alone import Extensions, LeftAlone
from media_assets.uploads.listing import IsOwn, WithoutOwnFiles, open_listing
from media_assets.uploads.single_sources import as_named, reach_all, single_source


def find_named(
    names: Sequence[str],
    reader: Reader,
    *,
    name: str | None = None,
    extensions: Extensions = IMAGE.extensions,
    follow_links: bool = False,
    naming: Naming = DEFAULT,
    is_own: IsOwn | None = None,
) -> Found:
    """Lists the files that an insert names, in the order of the names.

    Many web addresses are asked at once. One that gives no file becomes a row with an error, unless
    none of them gives one. By default, a row's name is the path below the given folder or prefix,
    or the file's own name. A prefix in storage ends with a slash.

    Args:
        names: Paths, http(s) URLs, and fileurls of any storage.
        reader: Access to the files.
        name: The row's name, for a single file.
        extensions: Those of the files that are taken from a folder or prefix; None for all.
        follow_links: Follow links in folders to any place.
        naming: How rows are named.
        is_own: Tells files in folders and prefixes that columns keep, and that are left alone; a
            file that is named by itself is taken.

    Raises:
        UploadError: A file does not exist, two files have the same row name (the message suggests
            rules that avoid it), or `name` is given with several files. Nothing was recorded.
        SourceError: None of the URLs gives a file.
        StoreFaultError: A storage fails.
    """
    found: list[GivenFile] = []
    left_alone = LeftAlone()
    web = [given for given in names if "://" in given and reader.is_web(given)]
    reached = dict(zip(web, reach_all(web, reader), strict=True))
    for given in names:
        part = reached.get(given) or _found(
            given, reader, extensions=extensions, follow_links=follow_links, is_own=is_own
        )
        is_one = _is_one_file(given, reader)
        found += (
            GivenFile(upload, path_as_given(given, None if is_one else upload.row))
            for upload in part.uploads
        )
        left_alone.add_all(part.left_alone)
    uploads = named_by(naming, found)
    if uploads or not left_alone.faults:
        uploads = rename_single(name, uploads)
    return Found(tuple(uploads), left_alone)


def _found(
    given: str,
    reader: Reader,
    *,
    extensions: Extensions,
    follow_links: bool,
    is_own: IsOwn | None,
) -> Found:
    if not given or "\0" in given:
        # An empty text would be the working directory: a variable that was never set.
        raise UploadError(
            what=f"A file was named {given!r}.",
            accepted="Paths, URLs, and URIs in storage; '.' is the working directory.",
            fix="Correct the name; nothing was inserted.",
        )
    if "://" not in given:
        paths = [Path(given)]
    else:
        root, key = parse_fileurl(given)
        if root.path is None:
            return _in_storage(given, reader, extensions=extensions, is_own=is_own)
        paths = [root.path / key]
    return find_files(paths, extensions=extensions, follow_links=follow_links, is_own=is_own)


def _is_one_file(given: str, reader: Reader) -> bool:
    """Returns whether a name is that of a file, not of a folder or prefix."""
    if "://" not in given:
        return not os.path.isdir(os.path.expanduser(given))  # noqa: PTH111, PTH112  no error
    return reader.is_web(given) or not given.endswith("/")


def _in_storage(
    given: str, reader: Reader, *, extensions: Extensions, is_own: IsOwn | None
) -> Found:
    root, key = parse_fileurl(given)
    if key.endswith("/") or not key:
        location = replace(root, prefix=key)
        listing = open_listing(location, reader.storage, user="an insert")
        listing = listing if is_own is None else WithoutOwnFiles(listing, is_own)
        found = find_listed(listing, extensions=extensions)
        return replace(found, uploads=tuple(as_named(given, one) for one in found.uploads))
    return Found((single_source(given, reader),))
