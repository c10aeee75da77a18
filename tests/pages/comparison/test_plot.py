"""Every plot of a comparison, in its three forms."""

import io
import xml.etree.ElementTree as ET
from collections.abc import Sequence

import matplotlib
import numpy as np
import pytest
from matplotlib.image import imread

from nas.pages.comparison.curves_plot import Line, curves_plot, share_plot
from nas.pages.comparison.matrix_plot import matrix_plot
from nas.pages.comparison.plot import Plot
from nas.pages.comparison.ranks_plot import ranks_plot
from nas.pages.comparison.rows_plot import Interval, intervals_plot, strips_plot
from nas.pages.comparison.who import Who
from tests.pages.comparison.looks import WHO, lines
from tests.pages.svg import check_inline, texts


def plots(who: Sequence[Who] = WHO) -> list[Plot]:
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


@pytest.fixture(scope="module")
def drawn() -> list[Plot]:
    return plots()


def test_every_plot_names_every_controller(drawn: list[Plot]) -> None:
    for plot in drawn:
        found = " ".join(texts(plot.inline))
        for who in WHO:
            assert who.label in found, plot.name


def test_inline_plots_load_nothing_and_their_ids_do_not_meet(drawn: list[Plot]) -> None:
    check_inline(plot.inline for plot in drawn)


def test_files_are_whole(drawn: list[Plot]) -> None:
    for plot in drawn:
        assert ET.fromstring(plot.svg).tag.endswith("svg")
        assert "var(" not in plot.svg
        image = imread(io.BytesIO(plot.png))
        assert image.shape[1] == 1188
        assert np.ptp(image[..., :3]) > 0.5


def test_plots_are_deterministic_and_leave_no_settings_behind() -> None:
    before = {name: matplotlib.rcParams[name] for name in matplotlib.rcParams if name != "backend"}
    assert plots(WHO[:2]) == plots(WHO[:2])
    assert {name: matplotlib.rcParams[name] for name in matplotlib.rcParams if name != "backend"} == before
