import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import replace

import matplotlib
import pytest

from nas.pages.plots import COLOURS, Curve, Dot, Panel, curves_plot, progress_plot
from nas.trial import Direction

DOTS = [Dot(0, 0.8), Dot(1, 0.9), Dot(3, 0.85), Dot(4, 0.88), Dot(5, 0.91)]


def texts(svg: str) -> list[str]:
    return [
        "".join(element.itertext()).strip().replace("\u00a0", " ")
        for element in ET.fromstring(svg).iter()
        if element.tag.endswith("}text")
    ]


def progress(dots: Sequence[Dot], failed: Sequence[int] = (), direction: Direction = "maximize") -> str:
    return progress_plot(dots, failed, metric="val_acc", direction=direction)


def all_plots() -> dict[str, str]:
    panels = [Panel("val_acc", [Curve("#1", (0.5, 0.9), bold=True), Curve("#2", (0.4, 0.8))]),
              Panel("train_loss", [Curve("#1", (2.0, 0.1))])]  # fmt: skip
    return {
        "progress": progress(DOTS, [2]),
        "curves": curves_plot("curves", panels),
    }


def test_plots_are_inline_svg_that_loads_nothing() -> None:
    for svg in all_plots().values():
        root = ET.fromstring(svg)
        assert svg.startswith("<svg")
        assert "<metadata" not in svg
        assert "width" not in root.attrib
        assert root.get("role") == "img"
        assert root.get("aria-label")
        for element in root.iter():
            assert all("://" not in value for value in element.attrib.values())
            href = element.get("href")
            assert href is None or href.startswith("#")


def test_ids_are_unique_on_a_page_and_every_reference_is_met() -> None:
    svgs = all_plots().values()
    ids = [identity for svg in svgs for element in ET.fromstring(svg).iter() if (identity := element.get("id"))]
    assert len(ids) == len(set(ids))
    used = {href[1:] for svg in svgs for element in ET.fromstring(svg).iter() if (href := element.get("href"))}
    assert used
    assert used <= set(ids)


def test_every_colour_follows_the_page() -> None:
    for svg in all_plots().values():
        for role, colour in COLOURS.items():
            assert svg.count(colour) == svg.count(f"var(--{role}, {colour})")
        assert "#000000" not in svg


def settings() -> dict[str, object]:
    """Without the backend: to ask for it is to choose one."""
    return {name: matplotlib.rcParams[name] for name in matplotlib.rcParams if name != "backend"}


def test_plots_are_deterministic_and_leave_no_global_state() -> None:
    before = settings()
    assert all_plots() == all_plots()
    assert settings() == before


def test_settings_of_the_user_do_not_change_a_plot() -> None:
    expected = progress(DOTS)
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "red"}):
        assert progress(DOTS) == expected


def test_the_legend_names_what_is_there() -> None:
    assert {"trial", "best so far"} <= set(texts(progress(DOTS)))
    assert "failed" not in texts(progress(DOTS))
    assert "failed" in texts(progress(DOTS, [2]))
    assert "off the scale" in texts(progress([*DOTS, Dot(6, 0.1)]))


def test_values_of_fewer_epochs_are_set_apart() -> None:
    dots = [Dot(0, 0.99, 1), Dot(1, 0.5, 1), Dot(2, 0.6, 3), Dot(3, 0.9), Dot(4, 0.8)]
    assert {"fewer epochs", "most epochs"} <= set(texts(progress(dots)))
    assert "trial" in texts(progress([replace(dot, fidelity=3) for dot in dots]))
    # The best so far falls when the first longer training is there, and so has a corner at 0.6: 0.99, 0.6, 0.9.
    assert progress(dots) != progress([replace(dot, fidelity=1) for dot in dots])


def test_a_very_bad_trial_does_not_flatten_the_rest() -> None:
    ticks = [text for text in texts(progress([*DOTS, Dot(6, 0.1)])) if text.endswith("%")]
    assert ticks
    assert all(float(text.rstrip(" %")) > 70 for text in ticks)


@pytest.mark.parametrize(
    "dots",
    [
        [],
        [Dot(0, 0.5)],
        [Dot(0, 0.0)],
        [Dot(n, 0.5) for n in range(5)],
        [Dot(n, -1e6 * n) for n in range(9)],
    ],
)
@pytest.mark.parametrize("direction", ["maximize", "minimize"])
def test_odd_data(dots: Sequence[Dot], direction: Direction) -> None:
    assert "m$_{x" in texts(progress_plot(dots, [], metric="m$_{x", direction=direction))
    assert "<&" in texts(progress_plot(dots, [0, 7], metric="<&\x00", direction=direction))
    assert "損失" in texts(progress_plot(dots, [], metric="損失", direction=direction))


def test_text_is_not_read_as_markup_or_mathematics() -> None:
    assert "<b>$x^2$" in texts(progress_plot(DOTS, [], metric="<b>$x^2$", direction="maximize"))


@pytest.mark.parametrize("values", [(0.5,), (0.5, 0.5), (float("nan"), 0.5), (float("nan"),), (0.0, -1.0)])
@pytest.mark.parametrize("metric", ["val_acc", "train_loss"])
def test_odd_curves(values: tuple[float, ...], metric: str) -> None:
    assert curves_plot("odd", [Panel(metric, [Curve("#0", values), Curve("#1", (0.9, 0.1, 0.4))])])
    assert curves_plot("odd", [Panel(metric, [Curve("#0", values)])])


def test_the_legend_of_curves_reads_row_by_row() -> None:
    """Position in the SVG is the order in which matplotlib fills columns: 0 4, 1 5, 2 6, 3 7."""
    svg = curves_plot("many", [Panel("val_acc", [Curve(f"#{n}", (0.1, 0.2 + n / 99)) for n in range(8)])])
    assert [text for text in texts(svg) if text.startswith("#")] == ["#0", "#4", "#1", "#5", "#2", "#6", "#3", "#7"]
