"""Names that were made to break things: as rows, partitions, tables, on pages."""

from media_assets_tests.test_file_keys import HOSTILE

MARKUP = [
    "<script>document.title='taken'</script>",
    "</script><script>document.title='taken'</script>",
    "\"><img src=x onerror=document.title='taken'>",
    "<svg onload=document.title='taken'>",
    "<svg><script>document.title='taken'</script></svg>",
    "<iframe srcdoc=\"<script>parent.document.title='taken'</script>\"></iframe>",
    "<details open ontoggle=document.title='taken'>",
    "<a href=\"javascript:document.title='taken'\">a</a>",
    "[a](javascript:document.title='taken')",
    "![a](x\"onerror=\"document.title='taken')",
    "<math><mtext><img src=x onerror=document.title='taken'></mtext></math>",
    "<style>@import 'http://127.0.0.1:1/taken';</style>",
    "<base href=http://127.0.0.1:1/><form action=/taken><input autofocus>",
    "{{constructor.constructor('document.title=1')()}}${document.title='taken'}",
    "<!--<img src=--><img src=x onerror=document.title='taken'>",
]
"""Payloads, each of which would change the page's title, or ask a server that nobody runs."""

_OTHERS = [
    "../../../../etc/passwd",
    "..\\..\\windows",
    "/absolute.jpg",
    "%2e%2e%2fa",
    "a#b?c=d",
    "$(touch here).jpg",
    "`id`;&&|.jpg",
    "\u202egpj.exe",
    "\N{LATIN SMALL LETTER E WITH ACUTE}.jpg",
    "e\N{COMBINING ACUTE ACCENT}.jpg",
    "\N{GRINNING FACE}" * 60,
    "x" * 300,
    "Case.jpg",
    "case.JPG",
]


def _is_text(name: str) -> bool:
    return name.encode(errors="ignore").decode() == name


# Others are no text, and are left alone when uploads are listed.
NAMES = sorted({*filter(_is_text, HOSTILE), *MARKUP, *_OTHERS} - {""})
"""More than 500, each of them text."""
