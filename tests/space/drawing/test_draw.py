"""The SVG of an architecture: well-formed, complete in itself, always the same."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import nas
from nas.ops import Conv
from nas.ops.op import FREE
from nas.space import Architecture, Layer
from nas.space.drawing.draw import draw
from nas.space.drawing.layout import layout

SVG = "{http://www.w3.org/2000/svg}"


def test_an_svg_that_needs_nothing(network: Architecture) -> None:
    text = draw(network)
    root = ET.fromstring(text)
    assert root.tag == f"{SVG}svg"
    found = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert found <= {"svg", "title", "style", "rect", "circle", "path", "g", "text", "tspan"}
    assert not re.search(r"url\(|@import|href|<!|nan|inf\b", text)
    assert re.findall(r'"([^"]*://[^"]*)"', text) == ["http://www.w3.org/2000/svg"]


def test_everything_is_in_it(network: Architecture) -> None:
    root = ET.fromstring(draw(network))
    drawn = layout(network)
    texts = ["".join(element.itertext()) for element in root.iter(f"{SVG}text")]
    labels = [label.bold + label.text for box in drawn.boxes for label in box.labels] + [
        label.bold + label.text for label in drawn.labels
    ]
    numbers = [box.sign for box in drawn.boxes if box.sign.isdecimal()]
    assert sorted(texts) == sorted([*labels, *numbers])
    assert f"{network.params:,} parameters, {network.macs:,} MACs" in texts
    circles = [box for box in drawn.boxes if box.sign]
    assert len(list(root.iter(f"{SVG}circle"))) == len(circles)


def test_same_architecture_same_text(network: Architecture) -> None:
    again = Architecture(network.choices, network.blocks, network.input)
    assert draw(network) == draw(again) == nas.draw(network)


@dataclass(frozen=True)
class Odd(Conv):
    name: ClassVar[str] = "<script>&\"'" + "long" * 30


def test_text_is_escaped() -> None:
    op = Odd(4)
    arch = Architecture((), (Layer(op, (0,), (4, 8, 8), FREE),), (4, 8, 8))
    text = draw(arch)
    assert "<script" not in text
    shown = ["".join(element.itertext()) for element in ET.fromstring(text).iter(f"{SVG}text")]
    assert any(label.startswith("<script>&\"'long") and label.endswith("…") for label in shown)


def test_three_hundred_layers_are_few_bytes(named: Callable[..., Architecture]) -> None:
    assert len(named("long").layers) == 300
    assert len(draw(named("long"))) < 80_000


def test_every_colour_has_one_for_a_dark_page(network: Architecture) -> None:
    text = draw(network)
    dark = text[text.index("<style>") : text.index("</style>")]
    for name in set(re.findall(r'class="(aw-[a-z]+)"', text)):
        assert f".{name}{{" in dark
