"""What holds for every plot that stands inside a page."""

import xml.etree.ElementTree as ET
from collections.abc import Iterable

from nas.pages.figure import COLOURS


def texts(svg: str) -> list[str]:
    """The texts of a plot."""
    return [
        "".join(element.itertext()).strip().replace("\u00a0", " ")
        for element in ET.fromstring(svg).iter()
        if element.tag.endswith("}text")
    ]


def check_inline(svgs: Iterable[str]) -> None:
    """Plots of one page load nothing, have ids of their own, follow the colours of the page, and are described."""
    ids: list[str] = []
    for svg in svgs:
        root = ET.fromstring(svg)
        assert svg.startswith("<svg")
        assert "<metadata" not in svg
        assert "<script" not in svg
        assert "width" not in root.attrib
        assert root.get("role") == "img"
        assert root.get("aria-label")
        own = {identity for element in root.iter() if (identity := element.get("id"))}
        for element in root.iter():
            assert not element.tag.endswith("image"), "a page that loads nothing cannot show it"
            assert all("://" not in value for value in element.attrib.values())
            assert (href := element.get("href")) is None or href.removeprefix("#") in own
        for role, colour in COLOURS.items():
            assert svg.count(colour) == svg.count(f"var(--{role}, {colour})")
        assert "#000000" not in svg
        ids += own
    assert len(ids) == len(set(ids))
