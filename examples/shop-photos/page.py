"""Writes `index.html`: each product with the files that the catalog has for it."""

from html import escape
from pathlib import Path

import media_assets as ma

FILES = """
with files as (
    select sku, size.title, size.width, size.format,
        coalesce(public_url(file.published), file.published) as url
    from "products/sizes" as size
    join media_assets.files as file on file."table" = 'products/sizes' and file.row = size.row
)
select title,
    string_agg(url || ' ' || width || 'w', ', ' order by width) filter (format = 'WEBP') as webp,
    string_agg(url || ' ' || width || 'w', ', ' order by width) filter (format = 'JPEG') as jpeg,
    arg_min(url, width) filter (format = 'JPEG') as smallest
from files group by sku, title order by sku
"""
PRODUCT = """<figure>
<picture>
<source type="image/webp" sizes="50vw" srcset="{webp}">
<img src="{smallest}" sizes="50vw" srcset="{jpeg}" alt="{title}">
</picture>
<figcaption>{title}</figcaption>
</figure>
"""
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Shop</title>
<style>body {{ display: flex; flex-wrap: wrap; margin: 0; font: 1.1em system-ui }}
figure {{ flex: 1 1 40%; margin: 1em }} img {{ width: 100% }}</style>
<h1 style="flex: 1 0 100%; margin: 1rem">Shop</h1>
{products}</html>
"""


def main() -> None:
    """Asks the catalog, and writes the page."""
    found = ma.Catalog.open().answer(FILES)
    products = [
        PRODUCT.format(**dict(zip(found.columns, (escape(str(text)) for text in row), strict=True)))
        for row in found.rows
    ]
    Path("index.html").write_text(PAGE.format(products="".join(products)), encoding="utf-8")


if __name__ == "__main__":
    main()
