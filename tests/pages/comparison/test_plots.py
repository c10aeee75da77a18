import io
import xml.etree.ElementTree as ET
from collections.abc import Sequence

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

from nas.pages.comparison import plots
from nas.pages.comparison.plots import (
    Interval,
    Line,
    Picture,
    Who,
    curves_plot,
    intervals_plot,
    matrix_plot,
    ranks_plot,
    share_plot,
    short,
    strips_plot,
)
from nas.pages.plots import COLOURS

NAMES = [f"controller {place}" for place in range(8)] + ["a & b <script>", "one with a name that is far too long $x$"]
WHO = [Who(name, place) for place, name in enumerate(NAMES)]


def lines(who: Sequence[Who], low: float = 0.01) -> list[Line]:
    across = np.arange(1.0, 51)
    curves = [(3 + each.place) * np.exp(-across / 15) + low for each in who]
    return [
        Line(each, across, curve, np.maximum(curve - 0.1, 0), curve + 0.1)
        for each, curve in zip(who, curves, strict=True)
    ]


def pictures(who: Sequence[Who] = WHO) -> list[Picture]:
    count = len(who)
    rng = np.random.default_rng(0)
    shares = [
        Line(each, np.array([0.0, 5, 9]), np.array([0, 0.4, 1]), np.array([0, 0.2, 0.8]), np.ones(3)) for each in who
    ]
    chances = rng.random((count, count))
    return [
        curves_plot("log", "on a log axis", lines(who), across="evaluations", upward="regret", log=True),
        curves_plot("linear", "on a linear axis", lines(who), across="h", upward="val_acc", log=False),
        share_plot("share", "shares", shares, across="evaluations", upward="there"),
        strips_plot("strips", "runs", [(each, rng.exponential(1, 9)) for each in who], across="regret", log=True),
        intervals_plot("iqm", "intervals", [Interval(each, 1, 0.5, 2) for each in who], across="regret"),
        ranks_plot("ranks", "ranks", [(each, 1.0 + each.place) for each in who], difference=2.5,
                   groups=[range(min(2, count))]),
        matrix_plot("matrix", "pairs", who, chances, chances > 0.8),
    ]  # fmt: skip


def texts(svg: str) -> list[str]:
    return ["".join(item.itertext()).strip() for item in ET.fromstring(svg).iter() if item.tag.endswith("}text")]


@pytest.fixture(scope="module")
def all_pictures() -> list[Picture]:
    return pictures()


def test_every_plot_names_every_controller(all_pictures: list[Picture]) -> None:
    for picture in all_pictures:
        found = " ".join(texts(picture.inline))
        for who in WHO:
            assert who.label in found, picture.name


def test_inline_plots_load_nothing_and_their_ids_do_not_meet(all_pictures: list[Picture]) -> None:
    ids: list[str] = []
    for picture in all_pictures:
        assert "<script" not in picture.inline
        for element in ET.fromstring(picture.inline).iter():
            assert all("://" not in value for value in element.attrib.values())
            assert element.get("href", "#").startswith("#")
            ids += [element.attrib["id"]] if "id" in element.attrib else []
        for role, colour in COLOURS.items():
            assert picture.inline.count(colour) == picture.inline.count(f"var(--{role}, {colour})")
    assert len(ids) == len(set(ids))


def test_files_are_whole(all_pictures: list[Picture]) -> None:
    for picture in all_pictures:
        assert ET.fromstring(picture.svg).tag.endswith("svg")
        assert "var(" not in picture.svg
        image = imread(io.BytesIO(picture.png))
        assert image.shape[1] == 1188
        assert np.ptp(image[..., :3]) > 0.5


def test_plots_are_deterministic_and_leave_no_settings_behind() -> None:
    before = {name: matplotlib.rcParams[name] for name in matplotlib.rcParams if name != "backend"}
    assert pictures(WHO[:2]) == pictures(WHO[:2])
    assert {name: matplotlib.rcParams[name] for name in matplotlib.rcParams if name != "backend"} == before


def test_each_controller_has_its_own_look() -> None:
    assert len({(who.colour, str(who.dash)) for who in WHO}) == len(WHO)
    assert len({who.marker for who in WHO}) == len(WHO)


def test_zero_has_a_place_below_a_log_axis() -> None:
    def ticks(low: float) -> list[str]:
        line = lines(WHO[:1], low)[0]
        center = np.where(line.across > 40, 0, line.center) if low == 0 else line.center
        whole = Line(line.who, line.across, center, center, center)
        return texts(curves_plot("log", "", [whole], across="", upward="", log=True).inline)

    assert "0" in ticks(0)[-12:]
    assert ticks(0).count("0") == ticks(0.01).count("0") + 1


def test_what_lies_below_all_runs_keeps_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    figure = Figure()
    monkeypatch.setattr(plots, "_picture", lambda _name, _title, _height, paint: paint(figure))
    runs = [np.array([0.0] * zeros + [5.0, 5.0]) for zeros in (2, 18, 198)]
    strips_plot("", "", list(zip(WHO, runs, strict=False)), across="", log=True)
    (axes,) = figure.axes
    means = [float(np.asarray(line.get_xdata())[0]) for line in axes.lines if line.get_marker() == "D"]
    assert means == pytest.approx(np.log10([2.5, 0.5, 0.05]))
    assert min(axes.get_xlim()) < means[-1]


def test_a_curve_far_below_the_others_keeps_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    figure = Figure()
    monkeypatch.setattr(plots, "_picture", lambda _name, _title, _height, paint: paint(figure))
    flat = [Line(who, np.array([1.0, 2.0]), *[np.full(2, 10.0**-who.place)] * 3) for who in WHO[:7]]
    curves_plot("", "", flat, across="", upward="", log=True)
    heights = [float(np.asarray(line.get_ydata())[0]) for line in figure.axes[0].lines[:7]]
    assert heights == pytest.approx([0, -1, -2, -3, -4, -5, -6])


def test_all_zero_and_single_points() -> None:
    one = Line(WHO[0], np.array([1.0]), np.zeros(1), np.zeros(1), np.zeros(1))
    for log in (True, False):
        assert curves_plot("zero", "", [one], across="", upward="", log=log).png
        assert strips_plot("zero", "", [(WHO[0], np.zeros(3))], across="", log=log).png
    assert intervals_plot("one", "", [Interval(WHO[0], 0, 0, 0)], across="").png


def test_names_are_cut_in_the_middle() -> None:
    assert short("q_learning") == "q_learning"
    assert short("x" * 30 + "tail") == "x" * 11 + "…" + "x" * 6 + "tail"
    assert short("a\nb") == "a b"
