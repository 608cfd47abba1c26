"""Every error that this package raises on purpose, one class per failure.

    MediaAssetsError
    ├── DeclarationError (ValueError)       a table or column that cannot be declared like that
    │   └── OutputFormatError               a format= or option that no encoder takes
    ├── SettingError (ValueError)           a setting whose value cannot be used
    ├── SettingsFileError (ValueError)      a settings file that cannot be read, or one too many
    ├── CatalogNotedError (ValueError)      two catalogs, one in the environment, one in code
    ├── AmbiguousPartitionsError (ValueError)   partitions that are named in more than one way
    ├── UnknownNameError (LookupError)      a table, column, partition or row that does not exist
    ├── UnknownRowsError (LookupError)      rows that a table does not have
    ├── GalleryFolderError (FileExistsError)                a folder that holds something else
    ├── ProjectNameError (ValueError)       a name that no project can have
    ├── ProjectFolderError (OSError)        a folder in which no project can be made
    ├── FilesCollectedError (FileNotFoundError)             an earlier manifest whose files are gone
    ├── HistoryCollectedError (LookupError) a time that no manifest is kept of
    ├── ExportFormatError (ValueError)      a file to export to, whose name says no format
    ├── QueryError (ValueError)             a query that DuckDB cannot run
    │   └── QueryRefusedError (PermissionError)             one that does more than read the catalog
    ├── DestinationError (ValueError)       a destination that cannot be understood
    ├── FileurlError (ValueError)           a text that is no fileurl
    ├── UnsafeKeyError (ValueError)         a name that no file can be stored under
    ├── StoredFileMissingError (FileNotFoundError)          a file that is not there
    ├── StoredFileRefusedError (PermissionError)            a file that its storage does not give
    ├── LinkChangedError (PermissionError)  a link that leads to another file than was found
    ├── FileExistsInStoreError (FileExistsError)            a file that is there already
    ├── NotSignableError (ValueError)       a file that cannot have a presigned URL
    ├── ExpiryError (ValueError)            a lifetime that no presigned URL of the provider has
    ├── MissingExtraError (ImportError)     a destination whose packages are not installed
    ├── ServerUnknownError (ValueError)     a bucket whose server nobody named
    ├── StoreFaultError (OSError)           the storage as a whole failed
    │   ├── StoreDeniedError (PermissionError)              access refused
    │   ├── StoreFullError                  no room
    │   ├── HistoryFaultError               no disk to write Dagster's history to
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
    │   ├── StorageAddressError (PermissionError)           it is at a storage, and needs keys
    │   ├── SourceTooLargeError (ValueError)
    │   ├── SourceUnavailableError (ConnectionError)        the transient one
    │   └── SourceAnswerError                               an answer that is no file
    └── ...

Each class takes values and builds its own text in three parts: what happened, with which value and
where it came from; what is accepted; what to do.
"""

from media_assets.errors.base import (
    MediaAssetsError,
)
from media_assets.errors.cluster import (
    NotSendableError,
    SchedulerLostError,
    SchedulerUnreachableError,
    WorkerDiffersError,
    WorkersDiedError,
    WorkersMissingError,
)
from media_assets.errors.declaring import (
    AmbiguousPartitionsError,
    CatalogNotedError,
    DeclarationError,
    GalleryFolderError,
    HomeNotFoundError,
    LocationError,
    OutputFormatError,
    PartitionNotChosenError,
    ProjectFolderError,
    ProjectNameError,
    SettingError,
    SettingsFileError,
    UnknownNameError,
    UploadConflictError,
    UploadError,
    UploadNamedAlreadyError,
)
from media_assets.errors.destinations import (
    DestinationError,
    EndpointResourceError,
    ExpiryError,
    FileurlError,
    MissingExtraError,
    NotSignableError,
    ServerUnknownError,
    UnsafeKeyError,
)
from media_assets.errors.images import (
    EmptyImageError,
    ImageTooLargeError,
    ShortWriteError,
    UndecodableImageError,
    UnencodableImageError,
    UnreadableImageError,
    UnsupportedImageError,
)
from media_assets.errors.records import (
    AssetValueError,
    CorruptFileError,
    ExportFormatError,
    FilesCollectedError,
    HistoryCollectedError,
    InputNotMaterializedError,
    ManifestFormatError,
    QueryError,
    QueryRefusedError,
    UnknownRowsError,
)
from media_assets.errors.rows import (
    AssetNotMaterializedError,
    BatchLengthError,
    InputFailedError,
    InputTypeError,
    NoAssetError,
    OutputTypeError,
    ProcessDiedError,
    RowFunctionError,
    RowTimeoutError,
    RowTwiceError,
    UploadChangedError,
    UploadGoneError,
    ValueTypeError,
)
from media_assets.errors.sources import (
    SourceAnswerError,
    SourceDeniedError,
    SourceError,
    SourceMissingError,
    SourceRefusedError,
    SourceTooLargeError,
    SourceUnavailableError,
    StorageAddressError,
)
from media_assets.errors.stores import (
    BucketMissingError,
    ClockSkewError,
    CredentialsMissingError,
    CredentialsRefusedError,
    FileExistsInStoreError,
    HistoryFaultError,
    LinkChangedError,
    NoExclusiveCreateError,
    StoreDeniedError,
    StoredFileMissingError,
    StoredFileRefusedError,
    StoreFaultError,
    StoreFullError,
    StoreUnreachableError,
    WrongRegionError,
)

__all__ = [
    "AmbiguousPartitionsError",
    "AssetNotMaterializedError",
    "AssetValueError",
    "BatchLengthError",
    "BucketMissingError",
    "CatalogNotedError",
    "ClockSkewError",
    "CorruptFileError",
    "CredentialsMissingError",
    "CredentialsRefusedError",
    "DeclarationError",
    "DestinationError",
    "EmptyImageError",
    "EndpointResourceError",
    "ExpiryError",
    "ExportFormatError",
    "FileExistsInStoreError",
    "FilesCollectedError",
    "FileurlError",
    "GalleryFolderError",
    "HistoryCollectedError",
    "HistoryFaultError",
    "HomeNotFoundError",
    "ImageTooLargeError",
    "InputFailedError",
    "InputNotMaterializedError",
    "InputTypeError",
    "LinkChangedError",
    "LocationError",
    "ManifestFormatError",
    "MediaAssetsError",
    "MissingExtraError",
    "NoAssetError",
    "NoExclusiveCreateError",
    "NotSendableError",
    "NotSignableError",
    "OutputFormatError",
    "OutputTypeError",
    "PartitionNotChosenError",
    "ProcessDiedError",
    "ProjectFolderError",
    "ProjectNameError",
    "QueryError",
    "QueryRefusedError",
    "RowFunctionError",
    "RowTimeoutError",
    "RowTwiceError",
    "SchedulerLostError",
    "SchedulerUnreachableError",
    "ServerUnknownError",
    "SettingError",
    "SettingsFileError",
    "ShortWriteError",
    "SourceAnswerError",
    "SourceDeniedError",
    "SourceError",
    "SourceMissingError",
    "SourceRefusedError",
    "SourceTooLargeError",
    "SourceUnavailableError",
    "StorageAddressError",
    "StoreDeniedError",
    "StoreFaultError",
    "StoreFullError",
    "StoreUnreachableError",
    "StoredFileMissingError",
    "StoredFileRefusedError",
    "UndecodableImageError",
    "UnencodableImageError",
    "UnknownNameError",
    "UnknownRowsError",
    "UnreadableImageError",
    "UnsafeKeyError",
    "UnsupportedImageError",
    "UploadChangedError",
    "UploadConflictError",
    "UploadError",
    "UploadGoneError",
    "UploadNamedAlreadyError",
    "ValueTypeError",
    "WorkerDiffersError",
    "WorkersDiedError",
    "WorkersMissingError",
    "WrongRegionError",
]
