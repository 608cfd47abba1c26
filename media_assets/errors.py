"""Every error that this package raises on purpose, one class per failure.

    MediaAssetsError
    ├── DeclarationError (ValueError)       a table or column that cannot be declared like that
    │   └── OutputFormatError               a format= or option that no encoder takes
    ├── UnknownNameError (LookupError)      a table, column, partition or row that does not exist
    ├── UnknownRowsError (LookupError)      rows that a table does not have
    ├── FilesCollectedError (FileNotFoundError)             an earlier manifest whose files are gone
    ├── HistoryCollectedError (LookupError) a time that no manifest is kept of
    ├── DestinationError (ValueError)       a destination that cannot be understood
    ├── FileurlError (ValueError)           a text that is no fileurl
    ├── UnsafeKeyError (ValueError)         a name that no file can be stored under
    ├── StoredFileMissingError (FileNotFoundError)          a file that is not there
    ├── FileExistsInStoreError (FileExistsError)            a file that is there already
    ├── NotSignableError (ValueError)       a file that cannot have a presigned URL
    ├── ExpiryError (ValueError)            a lifetime that no presigned URL of the provider has
    ├── MissingExtraError (ImportError)     a destination whose packages are not installed
    ├── ServerUnknownError (ValueError)     a bucket whose server nobody named
    ├── StoreFaultError (OSError)           the storage itself failed
    │   ├── StoreDeniedError (PermissionError)              access refused
    │   ├── StoreFullError                  no room
    │   ├── BucketMissingError              no such bucket or container
    │   ├── CredentialsMissingError         nobody gave a key
    │   ├── CredentialsRefusedError (PermissionError)       a wrong key, secret or token
    │   ├── WrongRegionError                a bucket of another region
    │   ├── ClockSkewError                  this machine's clock is wrong
    │   ├── StoreUnreachableError (ConnectionError)         no answer from the server
    │   └── NoExclusiveCreateError          a storage where two writers can claim one name
    ├── UnreadableImageError (ValueError)   a file that is not decoded, as the subclass says
    │   ├── EmptyImageError
    │   ├── ImageTooLargeError
    │   ├── UnsupportedImageError
    │   └── UndecodableImageError
    ├── UnencodableImageError (ValueError)  an image that no file of its format can hold
    ├── ShortWriteError (OSError)           a file that ends early, mostly on a full disk
    ├── SourceError (OSError)               an http(s) source that did not give its file
    │   ├── SourceRefusedError (ValueError)                 it leads to where nobody may ask
    │   ├── SourceMissingError (FileNotFoundError)
    │   ├── SourceDeniedError (PermissionError)
    │   ├── SourceTooLargeError (ValueError)
    │   ├── SourceUnavailableError (ConnectionError)        the transient one
    │   └── SourceAnswerError                               an answer that is no file
    └── ...

Each class takes values and builds its own text in three parts: what happened, with which value and
where it came from; what is accepted; what to do.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from difflib import get_close_matches
from typing import cast

_SHOWN_NAMES = 20
_SHOWN_CHARACTERS = 200


class MediaAssetsError(Exception):
    """The base of every error of this package; `str(error)` is meant for the user."""

    def __init__(self, what: str, *, accepted: str, fix: str) -> None:
        """Builds the text from its three parts, each one sentence or more."""
        super().__init__(f"{what} {accepted} {fix}")
        self.what = what
        self.accepted = accepted
        self.fix = fix

    def __reduce__(self) -> tuple[object, ...]:
        """Lets errors whose own `__init__` takes values cross process borders."""
        return (_rebuild, (type(self), self.args, self.__dict__))


def _rebuild(
    kind: type[MediaAssetsError], args: tuple[object, ...], state: dict[str, object]
) -> MediaAssetsError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class HomeNotFoundError(MediaAssetsError, FileNotFoundError):
    """No folder was found in which this installation keeps its state."""

    def __init__(self, folder: object, *, named: bool) -> None:
        """Takes the folder that DAGSTER_HOME names, or the one from which the search started."""
        what = (
            f"DAGSTER_HOME names {str(folder)!r}, which is no absolute path of an existing folder."
            if named
            else f"DAGSTER_HOME is not set, and no dagster.yaml was found from {str(folder)!r} up."
        )
        super().__init__(
            what,
            accepted="DAGSTER_HOME is the absolute path of the folder that holds dagster.yaml.",
            fix="Run in a project's folder, or set it: export DAGSTER_HOME=/path/to/project",
        )


class DeclarationError(MediaAssetsError, ValueError):
    """A table or column that cannot be declared like that."""


class UnknownNameError(MediaAssetsError, LookupError):
    """A table, column, partition or row that does not exist."""

    def __init__(
        self, kind: str, name: str, *, known: Iterable[str], where: str | None = None
    ) -> None:
        """Takes what the name should be (`"column"`), the names that exist, and where it stood."""
        names = sorted(known)
        shown = ", ".join(names[:_SHOWN_NAMES]) or "none yet"
        more = f", and {len(names) - _SHOWN_NAMES} more" if len(names) > _SHOWN_NAMES else ""
        close = get_close_matches(name, names, n=1)
        super().__init__(
            f"There is no {kind} {name!r}" + (f" ({where})." if where else "."),
            accepted=f"Known: {shown}{more}.",
            fix=f"Did you mean {close[0]!r}?" if close else f"Name a known {kind}.",
        )


class UnknownRowsError(MediaAssetsError, LookupError):
    """Rows that a table does not have."""

    def __init__(self, table: str, rows: Sequence[str]) -> None:
        """Takes the table and the names that are no rows of it."""
        shown = ", ".join(repr(row) for row in rows[:_SHOWN_NAMES])
        more = f", and {len(rows) - _SHOWN_NAMES} more" if len(rows) > _SHOWN_NAMES else ""
        super().__init__(
            f"Table {table!r} has no row {shown}{more}.",
            accepted="Rows that were uploaded and not deleted since, by their full names.",
            fix=f"Look them up: media-assets show {table}. Nothing was changed.",
        )


class FilesCollectedError(MediaAssetsError, FileNotFoundError):
    """An earlier manifest whose files are gone, or are not what they were."""

    def __init__(self, column: str, number: int, rows: Sequence[str]) -> None:
        """Takes the column, the manifest's number, and the rows whose files are gone."""
        shown = ", ".join(repr(row) for row in rows[:_SHOWN_NAMES])
        more = f", and {len(rows) - _SHOWN_NAMES} more" if len(rows) > _SHOWN_NAMES else ""
        super().__init__(
            f"Manifest {number} of column {column!r} cannot be restored: files are gone or were "
            f"changed in place, of row {shown}{more}.",
            accepted="A manifest is restored as long as all its files are there.",
            fix="Restore a later one, or materialize the column again; nothing was changed.",
        )


class HistoryCollectedError(MediaAssetsError, LookupError):
    """A time of which the catalog does not know any more how it was."""

    def __init__(self, column: str, partition: str, moment: datetime) -> None:
        """Takes what was asked for, and the time."""
        super().__init__(
            f"How {column} was in partition {partition!r} at {moment.isoformat()} is not known any "
            "more: its manifests of that time were collected.",
            accepted="As far back as `media-assets gc` was told to keep.",
            fix="Ask for a later time; `media_assets.history` lists what is there.",
        )


class ValueTypeError(MediaAssetsError, TypeError):
    """A row function returned something that its column cannot hold."""

    def __init__(self, value: object, column_type: str, *, reason: str | None = None) -> None:
        """Takes the value and the column's type."""
        text = repr(value)
        shown = text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "..."
        super().__init__(
            f"A `{column_type}` column got {type(value).__name__} {shown}"
            + (f": {reason}." if reason else "."),
            accepted="A value of the annotated type, or None; integers of 64 bits; JSON content "
            "in `dict` and `list`.",
            fix="Return such a value, or change the return annotation.",
        )


class ManifestFormatError(MediaAssetsError, ValueError):
    """A manifest or upload log that this version cannot read."""

    def __init__(self, found: object, *, supported: int, key: str) -> None:
        """Takes the format version found, the newest one supported, and the file's key."""
        super().__init__(
            f"The catalog's file {key!r} has format version {found!r}.",
            accepted=f"This version of media-assets reads versions 1 to {supported}.",
            fix="Upgrade media-assets where this runs, or restore the file if it is damaged.",
        )


class MissingInputError(MediaAssetsError, LookupError):
    """A selected column reads a column that has nothing in this partition."""

    def __init__(self, *, column: str, reads: str, partition: str) -> None:
        """Takes the asset names of both columns."""
        super().__init__(
            f"Column {column} reads {reads}, which is not materialized in partition "
            f"{partition!r} and not part of this run.",
            accepted="A column's inputs are materialized before it, or with it.",
            fix=f"Select {reads} too, or materialize it first.",
        )


class UnreadableImageError(MediaAssetsError, ValueError):
    """A file that is not decoded; its subclasses say why."""


class EmptyImageError(UnreadableImageError):
    """A file of zero bytes."""

    def __init__(self) -> None:
        """Takes nothing: there is nothing to show."""
        super().__init__(
            "The file holds no bytes.",
            accepted="An image file is expected.",
            fix="Upload it again; an interrupted upload often leaves an empty file.",
        )


class ImageTooLargeError(UnreadableImageError):
    """An image beyond the limits, refused before its pixels are decoded."""

    def __init__(self, unit: str, found: int, limit: int, *, setting: str) -> None:
        """Takes what is counted (`"pixels"`), the count, its limit, and the limit's setting."""
        super().__init__(
            f"The image has {found:,} {unit}.",
            accepted=f"At most {limit:,} {unit} are decoded.",
            fix=f"Scale it down before uploading, or raise `{setting}` if the memory is there.",
        )


class UnsupportedImageError(UnreadableImageError):
    """A file that is no image of an accepted format, whatever its name says."""

    def __init__(self, found: str, *, formats: Iterable[str]) -> None:
        """Takes what the file's first bytes show, and the accepted formats."""
        super().__init__(
            f"The file holds {found}.",
            accepted=f"Accepted formats, told by content and never by name: {', '.join(formats)}.",
            fix="Convert it to one of these before uploading.",
        )


class UndecodableImageError(UnreadableImageError):
    """A damaged or truncated image."""

    def __init__(self, image_format: str, reason: str) -> None:
        """Takes the format that the first bytes show, and what the decoder said."""
        super().__init__(
            f"The {image_format} image cannot be decoded: {reason.rstrip('. ')}.",
            accepted="Whole and undamaged files are expected.",
            fix="Upload it again, or repair it with an image editor.",
        )


class UnencodableImageError(MediaAssetsError, ValueError):
    """An image whose size no file of its format can hold."""

    def __init__(self, image_format: str, size: tuple[int, int], *, max_side: int) -> None:
        """Takes the format, the image's width and height, and the format's limit for both."""
        super().__init__(
            f"The image is {size[0]} x {size[1]} pixels.",
            accepted=f"A {image_format} file holds 1 to {max_side:,} pixels a side.",
            fix="Return another size, or choose another `format=`; PNG and TIFF hold any size.",
        )


class ShortWriteError(MediaAssetsError, OSError):
    """A file that ends early although the encoder reported success: mostly a full disk."""

    def __init__(self, path: str) -> None:
        """Takes the path of the file."""
        super().__init__(
            f"The image written to {path!r} ends early.",
            accepted="Every byte has to reach the disk.",
            fix="Free disk space or raise the quota, then run it again.",
        )


class OutputFormatError(DeclarationError):
    """A `format=` or one of its options that no encoder takes."""

    def __init__(self, value: object, *, what: str, accepted: str) -> None:
        """Takes the value, what it stands for (`"The output format"`), and what is accepted."""
        super().__init__(
            f"{what} {value!r} is not accepted.",
            accepted=f"Accepted: {accepted}.",
            fix="Correct or drop it; by default columns write JPEG, and WEBP if transparent.",
        )


class UploadError(MediaAssetsError, ValueError):
    """Files that cannot be inserted like that; nothing was recorded."""


class DestinationError(MediaAssetsError, ValueError):
    """A destination that cannot be understood, or that no file may be written to."""

    def __init__(self, shown: str, *, source: str, problem: str, fix: str) -> None:
        """Takes the text without its secrets, where it came from, and what is wrong with it."""
        super().__init__(
            f"Destination {shown!r} from {source} {problem}.",
            accepted="Accepted are an absolute local path, s3://, gs://, az://, r2://, b2:// and "
            "tigris:// with bucket/prefix/, wasbs://container@account.blob.core.windows.net/, and "
            "the https:// address of a bucket.",
            fix=fix,
        )


class FileurlError(MediaAssetsError, ValueError):
    """A text that is no fileurl."""

    def __init__(self, shown: str, *, problem: str) -> None:
        """Takes the text with its secrets removed, and what is wrong with it."""
        super().__init__(
            f"Fileurl {shown!r} {problem}.",
            accepted="A fileurl names one stored file: file:///folder/file.jpg, "
            "s3://bucket/file.jpg, https://host/bucket/file.jpg.",
            fix="Pass a fileurl as the catalog shows it.",
        )


class UnsafeKeyError(MediaAssetsError, ValueError):
    """A name that no file can be stored under."""

    def __init__(self, key: str, *, problem: str) -> None:
        """Takes the key, and what is wrong with it."""
        shown = key if len(key) <= _SHOWN_CHARACTERS else key[:_SHOWN_CHARACTERS] + "..."
        super().__init__(
            f"No file can be stored as {shown!r}: {problem}.",
            accepted="A key is names joined by '/', none of them empty, '.' or '..', without "
            "control characters.",
            fix="Rename the file, or choose another destination.",
        )


class StoredFileMissingError(MediaAssetsError, FileNotFoundError):
    """A file that a store does not hold."""

    def __init__(self, fileurl: str) -> None:
        """Takes the fileurl."""
        super().__init__(
            f"There is no file {fileurl}.",
            accepted="Only a file that was stored and not deleted since can be read.",
            fix="Look whether somebody removed it, and materialize it again.",
        )


class FileExistsInStoreError(MediaAssetsError, FileExistsError):
    """A file that should be new and is there already; it is untouched."""

    def __init__(self, fileurl: str) -> None:
        """Takes the fileurl."""
        super().__init__(
            f"File {fileurl} exists already.",
            accepted="A file that is created once cannot be created again.",
            fix="Read what is there, and take the next name.",
        )


class NotSignableError(MediaAssetsError, ValueError):
    """A file for which no presigned URL can be made."""

    def __init__(self, fileurl: str, *, problem: str | None = None, fix: str | None = None) -> None:
        """Takes the fileurl, and why not when it is in cloud storage."""
        super().__init__(
            f"{fileurl} cannot have a presigned URL: {problem or 'it is not in cloud storage'}.",
            accepted="Only files in cloud storage can be signed: S3, Google Cloud Storage, Azure, "
            "R2, B2, Tigris or another S3-compatible endpoint.",
            fix=fix or "Choose a cloud destination for the column, or use the fileurl itself.",
        )


class ExpiryError(MediaAssetsError, ValueError):
    """A lifetime that no presigned URL of the provider has."""

    def __init__(self, fileurl: str, lifetime: object, *, limit: str, source: str) -> None:
        """Takes the file, the lifetime asked for, the longest one, and who says so."""
        super().__init__(
            f"No presigned URL of {fileurl} can be valid for {lifetime}.",
            accepted=f"From 1 second up to {limit} ({source}).",
            fix="Ask for another lifetime, and sign anew when it has passed.",
        )


class MissingExtraError(MediaAssetsError, ImportError):
    """A destination whose packages are not installed."""

    def __init__(self, uri: str, *, extra: str, module: str | None) -> None:
        """Takes the destination, the extra that brings its packages, and the module missed."""
        super().__init__(
            f"{uri} needs the extra {extra!r}, which is not installed"
            + (f" ({module} is missing)." if module else "."),
            accepted="Cloud storage is reached through packages that are installed on request.",
            fix=f'Install it: pip install "media-assets[{extra}]"',
        )


class ServerUnknownError(MediaAssetsError, ValueError):
    """A bucket whose server neither the destination nor a resource names."""

    def __init__(self, uri: str, *, accepted: str, fix: str) -> None:
        """Takes the destination, and how its server is named."""
        super().__init__(f"Nothing says on which server {uri} is.", accepted=accepted, fix=fix)


class EndpointResourceError(MediaAssetsError, ValueError):
    """A further S3 endpoint that does not say where it is."""

    def __init__(self, name: str) -> None:
        """Takes the name it was given under."""
        super().__init__(
            f"The resource of endpoint {name!r} has no `endpoint_url`.",
            accepted="A further endpoint is an S3Resource with endpoint_url='https://host[:port]'.",
            fix="Set its `endpoint_url`; if that is an EnvVar, set the environment variable.",
        )


class StoreFaultError(MediaAssetsError, OSError):
    """The storage itself failed, through no fault of a row: a run stops at once."""

    def __init__(self, fileurl: str, *, action: str, reason: str, fix: str | None = None) -> None:
        """Takes the file in question, what was tried (`"write"`), and what the storage said."""
        super().__init__(
            f"Could not {action} {fileurl}: {reason}.",
            accepted="The storage has to exist, be reachable, and grant reading and writing.",
            fix=fix or "Repair the storage or choose another destination, then run again.",
        )


class StoreDeniedError(StoreFaultError, PermissionError):
    """The storage refused access."""

    def __init__(self, fileurl: str, *, action: str, reason: str) -> None:
        """Takes the file in question, what was tried (`"write"`), and what the storage said."""
        super().__init__(
            fileurl,
            action=action,
            reason=reason,
            fix="Grant this user or these credentials access there, or choose another destination.",
        )


class StoreFullError(StoreFaultError):
    """The storage has no room for the file."""

    def __init__(self, fileurl: str, *, action: str, reason: str) -> None:
        """Takes the file in question, what was tried (`"write"`), and what the storage said."""
        super().__init__(
            fileurl,
            action=action,
            reason=reason,
            fix="Make room (`media-assets gc` removes files that nothing names), or choose another "
            "destination.",
        )


class BucketMissingError(StoreFaultError):
    """There is no bucket or container of that name."""

    def __init__(self, fileurl: str, *, action: str, reason: str) -> None:
        """Takes the file in question, what was tried (`"write"`), and what the storage said."""
        super().__init__(
            fileurl,
            action=action,
            reason=f"the bucket does not exist ({reason})",
            fix="Create the bucket, or correct its name; in Azure it is called a container.",
        )


class CredentialsMissingError(StoreFaultError):
    """Nobody gave the credentials that a request takes."""

    def __init__(self, fileurl: str, *, action: str, reason: str, fix: str | None = None) -> None:
        """Takes the file in question, what was tried, what is missing, and how to give it."""
        super().__init__(
            fileurl,
            action=action,
            reason=reason,
            fix=fix or "Give credentials to the provider's resource, or log in with its tools.",
        )


class CredentialsRefusedError(StoreFaultError, PermissionError):
    """The storage does not know the key, or the secret or token is not its own."""

    def __init__(self, fileurl: str, *, action: str, reason: str) -> None:
        """Takes the file in question, what was tried (`"write"`), and what the storage said."""
        super().__init__(
            fileurl,
            action=action,
            reason=f"the key, secret or token is wrong or has expired ({reason})",
            fix="Correct the credentials of the provider's resource, or make new ones.",
        )


class WrongRegionError(StoreFaultError):
    """The bucket is in another region than the one that was asked."""

    def __init__(self, fileurl: str, *, action: str, reason: str) -> None:
        """Takes the file in question, what was tried (`"write"`), and what the storage said."""
        super().__init__(
            fileurl,
            action=action,
            reason=f"the bucket is in another region ({reason})",
            fix="Set the bucket's region: `region_name` of the S3Resource, or AWS_REGION, or the "
            "https address of the bucket, which names it.",
        )


class ClockSkewError(StoreFaultError):
    """This machine's clock is too far off for a signature to be valid."""

    def __init__(self, fileurl: str, *, action: str, reason: str) -> None:
        """Takes the file in question, what was tried (`"write"`), and what the storage said."""
        super().__init__(
            fileurl,
            action=action,
            reason=f"this machine's clock differs too much from the storage's ({reason})",
            fix="Set the clock right, for example: timedatectl set-ntp true",
        )


class StoreUnreachableError(StoreFaultError, ConnectionError):
    """The server does not answer."""

    def __init__(self, fileurl: str, *, action: str, reason: str) -> None:
        """Takes the file in question, what was tried (`"write"`), and what went wrong."""
        super().__init__(
            fileurl,
            action=action,
            reason=f"the server cannot be reached ({reason})",
            fix="Check the server's address and port, the network, the proxy and the firewall.",
        )


class NoExclusiveCreateError(StoreFaultError):
    """The storage lets a second writer create what the first one has created."""

    def __init__(self, fileurl: str) -> None:
        """Takes the file that was created twice."""
        super().__init__(
            fileurl,
            action="keep a catalog at",
            reason="the storage ignores If-None-Match, so two runs could claim one manifest",
            fix="Choose another storage for the catalog, by MEDIA_ASSETS_CATALOG for example.",
        )


class CorruptFileError(MediaAssetsError, ValueError):
    """A stored file's bytes are not those that were written."""

    def __init__(self, fileurl: str, expected: str | None, found: str) -> None:
        """Takes the file, and both SHA-256 digests."""
        super().__init__(
            f"The bytes of {fileurl} have digest {found[:16]}, and {str(expected)[:16]} is "
            "recorded.",
            accepted="Stored files are never changed.",
            fix="Rematerialize the column that wrote it with force: true.",
        )


class InputFailedError(MediaAssetsError, ValueError):
    """A cell cannot be made because a cell that it reads has an error, or does not exist."""

    def __init__(self, column: str, message: str | None) -> None:
        """Takes the column that is read, and what it says in this row; None when it has none."""
        super().__init__(
            f"Its input {column!r} "
            + (f"failed: {message}" if message else "has nothing in this row."),
            accepted="A cell is made from inputs that are there.",
            fix=f"See the error of {column!r}." if message else f"Materialize {column!r} first.",
        )


class RowFunctionError(MediaAssetsError, RuntimeError):
    """A row function raised."""

    def __init__(self, column: str, row: str, cause: Exception) -> None:
        """Takes the column of the function, the row that it got, and what it raised."""
        super().__init__(
            f"Row function {column!r} raised {type(cause).__name__} for row {row!r}: {cause}.",
            accepted="A row function returns a value for every row.",
            fix="Mend the function, then materialize the column again.",
        )
        self.cause = cause


class OutputTypeError(MediaAssetsError, TypeError):
    """An asset outside tables returned something that the IO manager cannot store."""

    def __init__(self, asset: str, value: object) -> None:
        """Takes the asset's key and what it returned."""
        super().__init__(
            f"Asset {asset!r} returned {type(value).__name__} to `media_io_manager`.",
            accepted="One image, a mapping of row name to image, or an iterable of pairs of both.",
            fix="Return one of these, or give the asset another IO manager.",
        )


class RowTwiceError(MediaAssetsError, ValueError):
    """An asset outside tables returned two images for one row."""

    def __init__(self, asset: str, row: str) -> None:
        """Takes the asset's key and the row's name."""
        super().__init__(
            f"Asset {asset!r} returned row {row!r} twice.",
            accepted="Each row's name once: a second image would take the place of the first.",
            fix="Name the rows apart; what stood there before is unchanged.",
        )


class InputTypeError(MediaAssetsError, TypeError):
    """A column cannot be loaded as the one image that its reader's annotation asks for."""

    def __init__(self, asset: str, *, images: int, rows: int) -> None:
        """Takes the asset that is loaded, how many images it has, and how many rows."""
        super().__init__(
            f"Asset {asset!r} was asked for as one image and has {images} in {rows} rows.",
            accepted="`Image.Image` for an asset with one image; `MediaColumn` or `DataFrame` for "
            "any.",
            fix="Annotate the input as `media_assets.MediaColumn`.",
        )


class InputMissingError(MediaAssetsError, LookupError):
    """A downstream asset reads an asset that nobody materialized."""

    def __init__(self, asset: str, *, partitions: Sequence[str]) -> None:
        """Takes the asset that is loaded, and its partitions that were asked for, if it has any."""
        names = ", ".join(map(repr, partitions[:_SHOWN_NAMES]))
        more = ", ..." if len(partitions) > _SHOWN_NAMES else ""
        super().__init__(
            f"Asset {asset!r} is not materialized" + (f" in {names}{more}." if names else "."),
            accepted="An input of which something was written with `media_io_manager`, into this "
            "catalog.",
            fix=f"Materialize {asset!r} first, and look whether both use the same catalog.",
        )


class QueryError(MediaAssetsError, ValueError):
    """A query that DuckDB cannot run."""

    def __init__(self, query: str, reason: str, *, tables: Iterable[str]) -> None:
        """Takes the query, what DuckDB says, and the tables that there are."""
        shown = query if len(query) <= _SHOWN_CHARACTERS else query[:_SHOWN_CHARACTERS] + "..."
        super().__init__(
            f"The query {shown!r} failed: {reason.strip()}",
            accepted=f"DuckDB's SQL over {', '.join(sorted(tables)) or 'no table yet'}, "
            "media_assets.files, media_assets.errors and media_assets.materializations.",
            fix="Mend the query; a column shows once it was materialized.",
        )


class LocationError(MediaAssetsError, ImportError):
    """The code location that the command line should serve cannot be loaded."""

    def __init__(self, name: str, *, problem: str) -> None:
        """Takes the module, file or folder, and what is wrong with it."""
        super().__init__(
            f"The code location {name!r} {problem}.",
            accepted="A module or file with `defs = media_assets.build_defs([...])`, named by -m "
            "or -f, or in pyproject.toml by [tool.dg.project] or [tool.dagster].",
            fix="Name it, for example: media-assets plan -m my_project.definitions",
        )


class BatchLengthError(MediaAssetsError, ValueError):
    """A batch function did not return one result for each of its rows."""

    def __init__(self, column: str, made: object, *, rows: int) -> None:
        """Takes the column, what its function returned, and how many rows it got."""
        is_list = isinstance(made, list)
        found = f"{len(cast('list[object]', made))} results" if is_list else type(made).__name__
        super().__init__(
            f"Batch function {column!r} got {rows} rows and returned {found}.",
            accepted="A list with one result for each row, in their order.",
            fix="Return None in the place of a row without a result.",
        )


class ProcessDiedError(MediaAssetsError, RuntimeError):
    """The process of a row function ended without an answer, twice."""

    def __init__(self, function: str) -> None:
        """Takes the function's name."""
        super().__init__(
            f"The process that ran row function {function!r} died, twice.",
            accepted="A function with processes=True returns or raises.",
            fix="Look for a crash in a library that it calls, or for memory running out.",
        )


class SourceError(MediaAssetsError, OSError):
    """An http(s) source that did not give its file; its subclasses say why.

    Attributes:
        is_transient: Whether the same request may succeed later.
    """

    is_transient = False


class SourceRefusedError(SourceError, ValueError):
    """A source that is not asked, because of where its URL leads or of who answers there."""

    def __init__(self, url: str, *, problem: str) -> None:
        """Takes the URL without its secrets, and what is wrong with it."""
        super().__init__(
            f"Source {url!r} is refused: {problem}.",
            accepted="Sources are http:// and https:// URLs of public hosts, with a valid "
            "certificate, without user and password.",
            fix="Correct the URL; a host in a private network has to be allowed by "
            "`allow_networks`.",
        )


class SourceMissingError(SourceError, FileNotFoundError):
    """A source that does not exist."""

    def __init__(self, url: str, *, reason: str) -> None:
        """Takes the URL without its secrets, and what shows that there is nothing."""
        super().__init__(
            f"Source {url!r} does not exist: {reason}.",
            accepted="A source has to exist for as long as it is read.",
            fix="Correct the URL, or upload the file itself.",
        )


class SourceDeniedError(SourceError, PermissionError):
    """A source whose host refuses access."""

    def __init__(self, url: str, *, reason: str) -> None:
        """Takes the URL without its secrets, and what the host said."""
        super().__init__(
            f"Source {url!r} cannot be read: {reason}.",
            accepted="Sources can be read by everyone, or by everyone who has the URL.",
            fix="Insert a presigned URL that has not expired, or upload the file itself.",
        )


class SourceTooLargeError(SourceError, ValueError):
    """A source beyond the limit; it is not read past it."""

    def __init__(self, url: str, *, max_bytes: int, found: int | None = None) -> None:
        """Takes the URL without its secrets, the limit, and the size if the host told it."""
        size = "more" if found is None else f"{found:,} bytes"
        super().__init__(
            f"Source {url!r} has {size}.",
            accepted=f"At most {max_bytes:,} bytes are read.",
            fix="Insert a smaller file, or raise `max_bytes`.",
        )


class SourceUnavailableError(SourceError, ConnectionError):
    """A source that did not answer well now, but may later: retries are used up."""

    is_transient = True

    def __init__(self, url: str, *, reason: str, attempts: int) -> None:
        """Takes the URL without its secrets, what went wrong last, and how often it was tried."""
        super().__init__(
            f"Source {url!r} is unavailable after {attempts} "
            f"{'attempt' if attempts == 1 else 'attempts'}: {reason}.",
            accepted="The host has to be reachable and to answer in time.",
            fix="Try again later, or upload the file itself.",
        )


class SourceAnswerError(SourceError):
    """A source whose host answers, and will answer again, with something that is no file."""

    def __init__(self, url: str, *, reason: str) -> None:
        """Takes the URL without its secrets, and what the host answered."""
        super().__init__(
            f"Source {url!r} gives no file: {reason}.",
            accepted="The host has to answer with status 200 and the file.",
            fix="Correct the URL, or upload the file itself.",
        )
