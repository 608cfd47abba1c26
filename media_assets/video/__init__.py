"""Video as a kind of media: recognition, facts, frames, edits, writing."""

from media_assets.video.facts import VideoFacts as VideoFacts
from media_assets.video.facts import inspect as inspect
from media_assets.video.formats import EXTENSIONS as EXTENSIONS
from media_assets.video.formats import FORMATS as FORMATS
from media_assets.video.formats import check_options as check_options
from media_assets.video.handle import Video as Video
from media_assets.video.kind import recognize as recognize
from media_assets.video.kind import thumbnail as thumbnail
from media_assets.video.kind import write as write
from media_assets.video.reading import Frame as Frame
