"""Sound as a kind of media: recognition, facts, samples, edits, writing, pictures of it."""

from media_assets.audio.facts import AudioFacts as AudioFacts
from media_assets.audio.facts import inspect as inspect
from media_assets.audio.formats import EXTENSIONS as EXTENSIONS
from media_assets.audio.formats import FORMATS as FORMATS
from media_assets.audio.formats import check_options as check_options
from media_assets.audio.handle import Audio as Audio
from media_assets.audio.kind import recognize as recognize
from media_assets.audio.kind import thumbnail as thumbnail
from media_assets.audio.kind import write as write
