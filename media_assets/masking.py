"""Masking of external texts before they are shown: secrets in addresses, control characters.

Everything that people read (errors, events, logs, the terminal, the gallery) goes through
`mask_secrets`; data for programs that fetch files (the catalog, SQL, DataFrames) does not.
"""

import re
import unicodedata

SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s\"'<>|\\^`{}]*")
_HOST = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")
_ON_THE_WEB = re.compile(r"https?://", re.IGNORECASE)
_CONTAINER_AND_ACCOUNT = re.compile(r"(?:az|wasbs?|abfss?)://[A-Za-z0-9$-]+@", re.IGNORECASE)
_NAMED_SECRET = re.compile(
    r"(?i)((?:key|secret|token|password|credential|signature|\bsig)\s*=)[^;&\s]+"
)
_SIGNED_PARAMETER = re.compile(
    r"(?i)([?&;](?:x-amz-(?:signature|credential|security-token)|x-goog-(?:signature|credential)"
    r"|sig|signature|awsaccesskeyid|key-pair-id|policy|accountkey|sharedaccesskey"
    r"|sharedaccesssignature)=)[^&;\s\"'<>]+"
)
_LONG_PART = re.compile(r"\S{12,23}[/_.,;:=&?-](?=\S)|\S{24}(?=\S)")
_AT_THE_END = ".,:;!)]"
"""Characters that end a sentence, not an address."""
_INVISIBLE = frozenset({"Cc", "Cs", "Zl", "Zp"})
_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that change the order in which text is displayed."""


def mask_secrets(text: str) -> str:
    """Masks the user and password of each address in a text, and the query of web addresses.

    The whole query is masked, since any parameter may be a signature.

    >>> mask_secrets("No answer from https://me:secret@host/photo.jpg?X-Amz-Signature=abc.")
    'No answer from https://***@host/photo.jpg?***.'
    >>> mask_secrets("s3://bucket/what?.jpg and /container/blob?sv=2025&sig=abc")
    's3://bucket/what?.jpg and /container/blob?sv=2025&sig=***'
    """
    if "://" in text:
        text = _ADDRESS.sub(lambda found: _mask_address(found[0]), text)
    return _SIGNED_PARAMETER.sub(r"\1***", text) if "=" in text else text


def breakable(text: str) -> str:
    r"""Returns a text in which a browser can break long words, for narrow cells.

    Dagster's tables are as wide as their longest word, and are cut off at the edge of the page.

    >>> breakable("see https://example.com/guides/exposure").split("\u200b")
    ['see https://example.com/', 'guides/exposure']
    """
    return _LONG_PART.sub(lambda found: f"{found[0]}\u200b", text)


def make_printable(text: str, *, keep: str = "") -> str:
    r"""Escapes control characters in a text, and those that change its display order.

    Args:
        text: A name or message of external origin.
        keep: Control characters to keep.

    >>> make_printable("a\x1b[2Jb\u202ec"), make_printable("two\nlines", keep="\n")
    ('a\\x1b[2Jb\\u202ec', 'two\nlines')
    """
    if text.isprintable():
        return text
    return "".join(c if c in keep or not _is_control(c) else repr(c)[1:-1] for c in text)


def shorten(text: str, most: int = 200) -> str:
    """Returns a text, cut if it has more than this many characters.

    >>> shorten("thumbnail", 5)
    'thumb...'
    """
    return text if len(text) <= most else text[:most] + "..."


def redact_uri(text: str) -> str:
    """Returns a URI without user, password, query and fragment, at most 200 characters long.

    Everything before the last `@` is dropped, since a secret may contain any character, and so are
    the values of `key=`, `token=` and similar parameters. Other text is unchanged.

    >>> redact_uri("https://me:secret@host/bucket?sig=abc")
    'https://***@host/bucket?***'
    """
    shown = _without_user(text)
    if SCHEME.match(text):
        shown = _without_query(shown)
    shown = _NAMED_SECRET.sub(r"\1***", shown)
    return shorten(shown)


def _mask_address(address: str) -> str:
    bare = address.rstrip(_AT_THE_END)
    host = _HOST.match(bare)
    shown = (_without_user(host[0]) if host else "") + bare[host.end() if host else 0 :]
    return (_without_query(shown) if _ON_THE_WEB.match(bare) else shown) + address[len(bare) :]


def _without_user(text: str) -> str:
    scheme = SCHEME.match(text)
    rest = text[scheme.end() :] if scheme else text
    if "@" not in rest or not (scheme or ":" in rest.rpartition("@")[0]):
        return text
    container = _CONTAINER_AND_ACCOUNT.match(text)
    if container is not None and "@" not in text[container.end() :]:
        return text
    return (scheme[0] if scheme else "") + "***@" + rest.rpartition("@")[2]


def _without_query(text: str) -> str:
    return re.sub(r"([?#]).*", r"\1***", text, count=1, flags=re.DOTALL)


def _is_control(character: str) -> bool:
    return character in _DIRECTIONS or unicodedata.category(character) in _INVISIBLE
