"""The lines of attacks."""

from nas.privacy.exposure import Exposure
from nas.privacy.text import lines_of
from nas.statistics.estimate import Estimate


def test_figures_stand_below_their_titles_within_80_columns() -> None:
    advantage, auc, caught = Estimate(-0.02, -0.1, 0.05), Estimate(0.5, 0.45, 0.55), Estimate(0.012, 0.0, 0.034)
    one = Exposure(60_000, 10_000, advantage, auc, caught)
    lines = lines_of({"loss": one, "shadow networks": one})
    assert lines == [
        "                  members    others               advantage                  AUC",
        "loss               60,000    10,000   -0.02 (-0.10 to 0.05)  0.50 (0.45 to 0.55)",
        "shadow networks    60,000    10,000   -0.02 (-0.10 to 0.05)  0.50 (0.45 to 0.55)",
        "members that are recognised with 1% of false alarms",
        "loss             1.2% (0.0% to 3.4%)",
        "shadow networks  1.2% (0.0% to 3.4%)",
    ]
    assert max(map(len, lines)) <= 80
