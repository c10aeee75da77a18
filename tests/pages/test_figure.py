"""Plots inside a page: what they load, their ids and colours; no setting changes them, and they change none."""

import matplotlib

from nas.pages.run.curves_plot import Curve, Panel, curves_plot
from tests.pages.run.test_progress_plot import DOTS, progress
from tests.pages.svg import check_inline


def all_plots() -> dict[str, str]:
    panels = [Panel("val_acc", [Curve("#1", (0.5, 0.9), bold=True), Curve("#2", (0.4, 0.8))]),
              Panel("train_loss", [Curve("#1", (2.0, 0.1))])]  # fmt: skip
    return {
        "progress": progress(DOTS, [2]),
        "curves": curves_plot("curves", panels),
    }


def test_plots_are_inline_svg_that_loads_nothing() -> None:
    check_inline(all_plots().values())


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
