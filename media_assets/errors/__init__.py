"""Errors that this package raises on purpose: one class per failure, all of them exported here.

Each is a `MediaAssetsError` and the built-in error that fits. Its message says what happened with
which value, what is accepted, and what to do. Base classes for groups of failures:

- `StoreFaultError`: a storage failed as a whole.
- `SourceError`: an http(s) source did not give its file.
- `UnreadableFileError`: a file of a medium cannot be read; `UnreadableImageError` of an image,
  `UnreadableMediaError` of video or audio, `UnreadableDocumentError` of a document or its page.
- `DeclarationError`: a table or column is declared wrongly.
- `UploadError`: an insert was refused, and nothing was recorded.
"""

from media_assets.errors.base import (
    MediaAssetsError as MediaAssetsError,
)
from media_assets.errors.base import (
    UnreadableFileError as UnreadableFileError,
)
from media_assets.errors.branches import (
    BranchBaseCollectedError as BranchBaseCollectedError,
)
from media_assets.errors.branches import (
    BranchExistsError as BranchExistsError,
)
from media_assets.errors.branches import (
    BranchInUseError as BranchInUseError,
)
from media_assets.errors.branches import (
    BranchNameError as BranchNameError,
)
from media_assets.errors.branches import (
    BranchRemadeError as BranchRemadeError,
)
from media_assets.errors.branches import (
    BranchRunError as BranchRunError,
)
from media_assets.errors.branches import (
    OnBranchError as OnBranchError,
)
from media_assets.errors.branches import (
    UnknownBranchError as UnknownBranchError,
)
from media_assets.errors.cluster import (
    NotSendableError as NotSendableError,
)
from media_assets.errors.cluster import (
    SchedulerLostError as SchedulerLostError,
)
from media_assets.errors.cluster import (
    SchedulerUnreachableError as SchedulerUnreachableError,
)
from media_assets.errors.cluster import (
    WorkerDiffersError as WorkerDiffersError,
)
from media_assets.errors.cluster import (
    WorkersDiedError as WorkersDiedError,
)
from media_assets.errors.cluster import (
    WorkersMissingError as WorkersMissingError,
)
from media_assets.errors.declaring import (
    AmbiguousPartitionsError as AmbiguousPartitionsError,
)
from media_assets.errors.declaring import (
    CatalogNotedError as CatalogNotedError,
)
from media_assets.errors.declaring import (
    DeclarationError as DeclarationError,
)
from media_assets.errors.declaring import (
    GalleryFolderError as GalleryFolderError,
)
from media_assets.errors.declaring import (
    HomeNotFoundError as HomeNotFoundError,
)
from media_assets.errors.declaring import (
    LocationError as LocationError,
)
from media_assets.errors.declaring import (
    OutputFormatError as OutputFormatError,
)
from media_assets.errors.declaring import (
    PartitionNotChosenError as PartitionNotChosenError,
)
from media_assets.errors.declaring import (
    ProjectFolderError as ProjectFolderError,
)
from media_assets.errors.declaring import (
    ProjectNameError as ProjectNameError,
)
from media_assets.errors.declaring import (
    SettingError as SettingError,
)
from media_assets.errors.declaring import (
    SettingsFileError as SettingsFileError,
)
from media_assets.errors.declaring import (
    UnknownNameError as UnknownNameError,
)
from media_assets.errors.declaring import (
    UploadConflictError as UploadConflictError,
)
from media_assets.errors.declaring import (
    UploadError as UploadError,
)
from media_assets.errors.declaring import (
    UploadNamedAlreadyError as UploadNamedAlreadyError,
)
from media_assets.errors.destinations import (
    DestinationError as DestinationError,
)
from media_assets.errors.destinations import (
    EndpointResourceError as EndpointResourceError,
)
from media_assets.errors.destinations import (
    ExpiryError as ExpiryError,
)
from media_assets.errors.destinations import (
    FileurlError as FileurlError,
)
from media_assets.errors.destinations import (
    MissingExtraError as MissingExtraError,
)
from media_assets.errors.destinations import (
    NotSignableError as NotSignableError,
)
from media_assets.errors.destinations import (
    ObjectOptionError as ObjectOptionError,
)
from media_assets.errors.destinations import (
    PublicUrlError as PublicUrlError,
)
from media_assets.errors.destinations import (
    PublishError as PublishError,
)
from media_assets.errors.destinations import (
    ServerUnknownError as ServerUnknownError,
)
from media_assets.errors.destinations import (
    UnsafeKeyError as UnsafeKeyError,
)
from media_assets.errors.documents import (
    DocumentLockedError as DocumentLockedError,
)
from media_assets.errors.documents import (
    DocumentReaderDiedError as DocumentReaderDiedError,
)
from media_assets.errors.documents import (
    DocumentTimeoutError as DocumentTimeoutError,
)
from media_assets.errors.documents import (
    DocumentTooLargeError as DocumentTooLargeError,
)
from media_assets.errors.documents import (
    PageMissingError as PageMissingError,
)
from media_assets.errors.documents import (
    UndecodableDocumentError as UndecodableDocumentError,
)
from media_assets.errors.documents import (
    UnreadableDocumentError as UnreadableDocumentError,
)
from media_assets.errors.documents import (
    UnsupportedDocumentError as UnsupportedDocumentError,
)
from media_assets.errors.images import (
    EmptyImageError as EmptyImageError,
)
from media_assets.errors.images import (
    ImageTooLargeError as ImageTooLargeError,
)
from media_assets.errors.images import (
    ShortWriteError as ShortWriteError,
)
from media_assets.errors.images import (
    UndecodableImageError as UndecodableImageError,
)
from media_assets.errors.images import (
    UnencodableImageError as UnencodableImageError,
)
from media_assets.errors.images import (
    UnequalFramesError as UnequalFramesError,
)
from media_assets.errors.images import (
    UnreadableImageError as UnreadableImageError,
)
from media_assets.errors.images import (
    UnsupportedImageError as UnsupportedImageError,
)
from media_assets.errors.media import (
    EmptyMediaError as EmptyMediaError,
)
from media_assets.errors.media import (
    MediaOptionError as MediaOptionError,
)
from media_assets.errors.media import (
    MediaTimeError as MediaTimeError,
)
from media_assets.errors.media import (
    MediaTooLargeError as MediaTooLargeError,
)
from media_assets.errors.media import (
    MediaTooSlowError as MediaTooSlowError,
)
from media_assets.errors.media import (
    SamplesTooManyError as SamplesTooManyError,
)
from media_assets.errors.media import (
    UndecodableMediaError as UndecodableMediaError,
)
from media_assets.errors.media import (
    UnreadableMediaError as UnreadableMediaError,
)
from media_assets.errors.media import (
    UnsupportedCodecError as UnsupportedCodecError,
)
from media_assets.errors.media import (
    UnsupportedMediaError as UnsupportedMediaError,
)
from media_assets.errors.media import (
    UnwritableMediaError as UnwritableMediaError,
)
from media_assets.errors.parts import (
    DerivedRowsError as DerivedRowsError,
)
from media_assets.errors.parts import (
    PartKeyError as PartKeyError,
)
from media_assets.errors.parts import (
    SameNameError as SameNameError,
)
from media_assets.errors.records import (
    AssetValueError as AssetValueError,
)
from media_assets.errors.records import (
    CorruptFileError as CorruptFileError,
)
from media_assets.errors.records import (
    DamagedRecordError as DamagedRecordError,
)
from media_assets.errors.records import (
    ExportColumnsError as ExportColumnsError,
)
from media_assets.errors.records import (
    ExportFolderError as ExportFolderError,
)
from media_assets.errors.records import (
    ExportFormatError as ExportFormatError,
)
from media_assets.errors.records import (
    FilesCollectedError as FilesCollectedError,
)
from media_assets.errors.records import (
    HistoryCollectedError as HistoryCollectedError,
)
from media_assets.errors.records import (
    InputNotMaterializedError as InputNotMaterializedError,
)
from media_assets.errors.records import (
    ManifestFormatError as ManifestFormatError,
)
from media_assets.errors.records import (
    PackageMissingError as PackageMissingError,
)
from media_assets.errors.records import (
    QueryError as QueryError,
)
from media_assets.errors.records import (
    QueryRefusedError as QueryRefusedError,
)
from media_assets.errors.records import (
    UnknownFileError as UnknownFileError,
)
from media_assets.errors.records import (
    UnknownRowsError as UnknownRowsError,
)
from media_assets.errors.row_values import (
    DataFileError as DataFileError,
)
from media_assets.errors.row_values import (
    RowDataError as RowDataError,
)
from media_assets.errors.row_values import (
    RowValueError as RowValueError,
)
from media_assets.errors.row_values import (
    RowValueMissingError as RowValueMissingError,
)
from media_assets.errors.row_values import (
    show_value as show_value,
)
from media_assets.errors.rows import (
    AssetNotMaterializedError as AssetNotMaterializedError,
)
from media_assets.errors.rows import (
    BatchLengthError as BatchLengthError,
)
from media_assets.errors.rows import (
    InputFailedError as InputFailedError,
)
from media_assets.errors.rows import (
    InputTypeError as InputTypeError,
)
from media_assets.errors.rows import (
    NoAssetError as NoAssetError,
)
from media_assets.errors.rows import (
    OutputTypeError as OutputTypeError,
)
from media_assets.errors.rows import (
    ProcessDiedError as ProcessDiedError,
)
from media_assets.errors.rows import (
    RowFunctionError as RowFunctionError,
)
from media_assets.errors.rows import (
    RowTimeoutError as RowTimeoutError,
)
from media_assets.errors.rows import (
    RowTwiceError as RowTwiceError,
)
from media_assets.errors.rows import (
    StepDiedError as StepDiedError,
)
from media_assets.errors.rows import (
    UploadChangedError as UploadChangedError,
)
from media_assets.errors.rows import (
    UploadGoneError as UploadGoneError,
)
from media_assets.errors.rows import (
    ValueTypeError as ValueTypeError,
)
from media_assets.errors.rows import (
    WhereError as WhereError,
)
from media_assets.errors.sources import (
    SourceAnswerError as SourceAnswerError,
)
from media_assets.errors.sources import (
    SourceDeniedError as SourceDeniedError,
)
from media_assets.errors.sources import (
    SourceError as SourceError,
)
from media_assets.errors.sources import (
    SourceMissingError as SourceMissingError,
)
from media_assets.errors.sources import (
    SourceRefusedError as SourceRefusedError,
)
from media_assets.errors.sources import (
    SourceTooLargeError as SourceTooLargeError,
)
from media_assets.errors.sources import (
    SourceUnavailableError as SourceUnavailableError,
)
from media_assets.errors.sources import (
    StorageAddressError as StorageAddressError,
)
from media_assets.errors.splitting import (
    PartError as PartError,
)
from media_assets.errors.splitting import (
    PartsMissingError as PartsMissingError,
)
from media_assets.errors.splitting import (
    PartsTooManyError as PartsTooManyError,
)
from media_assets.errors.stores import (
    BucketMissingError as BucketMissingError,
)
from media_assets.errors.stores import (
    ClockSkewError as ClockSkewError,
)
from media_assets.errors.stores import (
    CredentialsMissingError as CredentialsMissingError,
)
from media_assets.errors.stores import (
    CredentialsRefusedError as CredentialsRefusedError,
)
from media_assets.errors.stores import (
    FileExistsInStoreError as FileExistsInStoreError,
)
from media_assets.errors.stores import (
    ForkedProcessError as ForkedProcessError,
)
from media_assets.errors.stores import (
    HistoryFaultError as HistoryFaultError,
)
from media_assets.errors.stores import (
    LinkChangedError as LinkChangedError,
)
from media_assets.errors.stores import (
    NoExclusiveCreateError as NoExclusiveCreateError,
)
from media_assets.errors.stores import (
    RemoteFileTooLargeError as RemoteFileTooLargeError,
)
from media_assets.errors.stores import (
    StoreDeniedError as StoreDeniedError,
)
from media_assets.errors.stores import (
    StoredFileMissingError as StoredFileMissingError,
)
from media_assets.errors.stores import (
    StoredFileRefusedError as StoredFileRefusedError,
)
from media_assets.errors.stores import (
    StoreFaultError as StoreFaultError,
)
from media_assets.errors.stores import (
    StoreFullError as StoreFullError,
)
from media_assets.errors.stores import (
    StoreUnreachableError as StoreUnreachableError,
)
from media_assets.errors.stores import (
    WrongRegionError as WrongRegionError,
)
from media_assets.errors.trials import (
    AmbiguousColumnError as AmbiguousColumnError,
)
from media_assets.errors.trials import (
    MisplacedRowsError as MisplacedRowsError,
)
from media_assets.errors.trials import (
    NotAcceptableError as NotAcceptableError,
)
from media_assets.errors.trials import (
    NothingToCompareError as NothingToCompareError,
)
from media_assets.errors.trials import (
    NothingToTryError as NothingToTryError,
)
from media_assets.errors.verbs import (
    InsertSourceError as InsertSourceError,
)
from media_assets.errors.verbs import (
    RunFailedError as RunFailedError,
)
from media_assets.errors.verbs import (
    UpdateError as UpdateError,
)
