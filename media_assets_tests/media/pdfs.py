"""PDF files written by hand: pages with a filled box and text, and every fault."""

import zlib
from collections.abc import Mapping, Sequence

LETTER = (612, 792)


def make_pdf(
    pages: int = 1,
    *,
    size: tuple[float, float] = LETTER,
    texts: Sequence[str] | None = None,
    content: str = "0.8 0.1 0.1 rg 36 36 144 72 re f",
    title: str = "",
    page_entries: str = "",
    count: int | None = None,
    kids: str | None = None,
    extra: Mapping[int, str] | None = None,
    trailer: str = "",
) -> bytes:
    """A PDF 1.4 with equal pages: a red box at the lower left, and a line of text on each.

    Args:
        pages: Their number.
        size: Of each page, in points.
        texts: Of each page; "page 0" and so on if not given, no text if empty.
        content: What is drawn on each page below its text.
        title: The document's title.
        page_entries: Further entries of each page, such as "/Rotate 90".
        count: What the page tree states as the number of pages, if not the truth.
        kids: The page tree's children, if not the pages.
        extra: Further objects by number, from 1000 on.
        trailer: Further entries of the trailer.
    """
    texts = [f"page {number}" for number in range(pages)] if texts is None else texts
    children = " ".join(f"{4 + 2 * number} 0 R" for number in range(pages))
    objects = {
        1: "<< /Type /Catalog /Pages 2 0 R >>",
        2: f"<< /Type /Pages /Kids [{kids or children}] /Count {count or pages} >>",
        3: "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    }
    for number in range(pages):
        line = texts[number] if texts else ""
        drawn = content + (f" BT /F1 24 Tf 72 200 Td ({line}) Tj ET" if line else "")
        box = f"/MediaBox [0 0 {size[0]} {size[1]}] {page_entries}"
        objects[4 + 2 * number] = (
            f"<< /Type /Page /Parent 2 0 R {box} /Resources << /Font << /F1 3 0 R >> >> "
            f"/Contents {5 + 2 * number} 0 R >>"
        )
        packed = zlib.compress(drawn.encode("latin-1"), 9).decode("latin-1")
        objects[5 + 2 * number] = (
            f"<< /Length {len(packed)} /Filter /FlateDecode >>\nstream\n{packed}\nendstream"
        )
    objects |= dict(extra or {})
    if title:
        objects[999_999] = f"<< /Title ({title}) >>"
        trailer += " /Info 999999 0 R"
    return assemble(objects, trailer)


def assemble(objects: Mapping[int, str], trailer: str = "") -> bytes:
    """The file of some objects by number; object 1 is its catalog."""
    file = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    lines: list[bytes] = [b"0 1\n0000000000 65535 f \n"]
    for number, text in sorted(objects.items()):
        lines.append(b"%d 1\n%010d 00000 n \n" % (number, len(file)))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, text.encode("latin-1"))
    start = len(file)
    file += b"xref\n" + b"".join(lines)
    entries = f"<< /Size {max(objects) + 1} /Root 1 0 R {trailer} >>"
    file += b"trailer\n%s\nstartxref\n%d\n%%%%EOF\n" % (entries.encode("latin-1"), start)
    return bytes(file)
