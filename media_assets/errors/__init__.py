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
    UnreadableFileError as UnreadableFileError,
)
from media_assets.errors.branches import (
    BranchBaseCollectedError as BranchBaseCollectedError,
    BranchExistsError as BranchExistsError,
    BranchInUseError as BranchInUseError,
    BranchNameError as BranchNameError,
    BranchRemadeError as BranchRemadeError,
    BranchRunError as BranchRunError,
    OnBranchError as OnBranchError,
    UnknownBranchError as UnknownBranchError,
)
from media_assets.errors.cluster import (
    NotSendableError as NotSendableError,
    SchedulerLostError as SchedulerLostError,
    SchedulerUnreachableError as SchedulerUnreachableError,
    WorkerDiffersError as WorkerDiffersError,
    WorkersDiedError as WorkersDiedError,
    WorkersMissingError as WorkersMissingError,
)
from media_assets.errors.declaring import (
    AmbiguousPartitionsError as AmbiguousPartitionsError,
    CatalogNotedError as CatalogNotedError,
    DeclarationError as DeclarationError,
    GalleryFolderError as GalleryFolderError,
    HomeNotFoundError as HomeNotFoundError,
    LocationError as LocationError,
    OutputFormatError as OutputFormatError,
    PartitionNotChosenError as PartitionNotChosenError,
    ProjectFolderError as ProjectFolderError,
    ProjectNameError as ProjectNameError,
    SettingError as SettingError,
    SettingsFileError as SettingsFileError,
    UnknownNameError as UnknownNameError,
    UploadConflictError as UploadConflictError,
    UploadError as UploadError,
    UploadNamedAlreadyError as UploadNamedAlreadyError,
)
from media_assets.errors.destinations import (
    DestinationError as DestinationError,
    EndpointResourceError as EndpointResourceError,
    ExpiryError as ExpiryError,
    FileurlError as FileurlError,
    MissingExtraError as MissingExtraError,
    NotSignableError as NotSignableError,
    ObjectOptionError as ObjectOptionError,
    PublicUrlError as PublicUrlError,
    PublishError as PublishError,
    ServerUnknownError as ServerUnknownError,
    UnsafeKeyError as UnsafeKeyError,
)
from media_assets.errors.documents import (
    DocumentLockedError as DocumentLockedError,
    DocumentReaderDiedError as DocumentReaderDiedError,
    DocumentTimeoutError as DocumentTimeoutError,
    DocumentTooLargeError as DocumentTooLargeError,
    PageMissingError as PageMissingError,
    UndecodableDocumentError as UndecodableDocumentError,
    UnreadableDocumentError as UnreadableDocumentError,
    UnsupportedDocumentError as UnsupportedDocumentError,
)
from media_assets.errors.images import (
    EmptyImageError as EmptyImageError,
    ImageTooLargeError as ImageTooLargeError,
    ShortWriteError as ShortWriteError,
    UndecodableImageError as UndecodableImageError,
    UnencodableImageError as UnencodableImageError,
    UnequalFramesError as UnequalFramesError,
    UnreadableImageError as UnreadableImageError,
    UnsupportedImageError as UnsupportedImageError,
)
from media_assets.errors.media import (
    EmptyMediaError as EmptyMediaError,
    MediaOptionError as MediaOptionError,
    MediaTimeError as MediaTimeError,
    MediaTooLargeError as MediaTooLargeError,
    MediaTooSlowError as MediaTooSlowError,
    SamplesTooManyError as SamplesTooManyError,
    UndecodableMediaError as UndecodableMediaError,
    UnreadableMediaError as UnreadableMediaError,
    UnsupportedCodecError as UnsupportedCodecError,
    UnsupportedMediaError as UnsupportedMediaError,
    UnwritableMediaError as UnwritableMediaError,
)
from media_assets.errors.parts import (
    DerivedRowsError as DerivedRowsError,
    PartKeyError as PartKeyError,
    SameNameError as SameNameError,
)
from media_assets.errors.processes import (
    CodeDiffersError as CodeDiffersError,
    ProcessDiedError as ProcessDiedError,
    ScriptImportedError as ScriptImportedError,
)
from media_assets.errors.records import (
    AssetValueError as AssetValueError,
    CorruptFileError as CorruptFileError,
    DamagedRecordError as DamagedRecordError,
    ExportColumnsError as ExportColumnsError,
    ExportFolderError as ExportFolderError,
    ExportFormatError as ExportFormatError,
    FilesCollectedError as FilesCollectedError,
    HistoryCollectedError as HistoryCollectedError,
    InputNotMaterializedError as InputNotMaterializedError,
    ManifestFormatError as ManifestFormatError,
    PackageMissingError as PackageMissingError,
    QueryError as QueryError,
    QueryRefusedError as QueryRefusedError,
    UnknownFileError as UnknownFileError,
    UnknownRowsError as UnknownRowsError,
)
from media_assets.errors.row_values import (
    DataFileError as DataFileError,
    RowDataError as RowDataError,
    RowValueError as RowValueError,
    RowValueMissingError as RowValueMissingError,
    show_value as show_value,
)
from media_assets.errors.rows import (
    AssetNotMaterializedError as AssetNotMaterializedError,
    BatchLengthError as BatchLengthError,
    InputFailedError as InputFailedError,
    InputTypeError as InputTypeError,
    ManyPartitionsError as ManyPartitionsError,
    NoAssetError as NoAssetError,
    NoMediaManagerError as NoMediaManagerError,
    OutputTypeError as OutputTypeError,
    RowFunctionError as RowFunctionError,
    RowTimeoutError as RowTimeoutError,
    RowTwiceError as RowTwiceError,
    StepDiedError as StepDiedError,
    UploadChangedError as UploadChangedError,
    UploadGoneError as UploadGoneError,
    ValueTypeError as ValueTypeError,
    WhereError as WhereError,
)
from media_assets.errors.sources import (
    SourceAnswerError as SourceAnswerError,
    SourceDeniedError as SourceDeniedError,
    SourceError as SourceError,
    SourceMissingError as SourceMissingError,
    SourceRefusedError as SourceRefusedError,
    SourceTooLargeError as SourceTooLargeError,
    SourceUnavailableError as SourceUnavailableError,
    StorageAddressError as StorageAddressError,
)
from media_assets.errors.splitting import (
    PartError as PartError,
    PartsMissingError as PartsMissingError,
    PartsTooManyError as PartsTooManyError,
)
from media_assets.errors.stores import (
    BucketMissingError as BucketMissingError,
    ClockSkewError as ClockSkewError,
    CredentialsMissingError as CredentialsMissingError,
    CredentialsRefusedError as CredentialsRefusedError,
    FileExistsInStoreError as FileExistsInStoreError,
    ForkedProcessError as ForkedProcessError,
    HistoryFaultError as HistoryFaultError,
    LinkChangedError as LinkChangedError,
    NoExclusiveCreateError as NoExclusiveCreateError,
    RemoteFileTooLargeError as RemoteFileTooLargeError,
    StoreDeniedError as StoreDeniedError,
    StoredFileMissingError as StoredFileMissingError,
    StoredFileRefusedError as StoredFileRefusedError,
    StoreFaultError as StoreFaultError,
    StoreFullError as StoreFullError,
    StoreUnreachableError as StoreUnreachableError,
    WrongRegionError as WrongRegionError,
)
from media_assets.errors.trials import (
    AmbiguousColumnError as AmbiguousColumnError,
    MisplacedRowsError as MisplacedRowsError,
    NotAcceptableError as NotAcceptableError,
    NothingToCompareError as NothingToCompareError,
    NothingToTryError as NothingToTryError,
)
from media_assets.errors.verbs import (
    InsertSourceError as InsertSourceError,
    RunFailedError as RunFailedError,
    UpdateError as UpdateError,
)
