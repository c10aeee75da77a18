"""What a terminal shows of a network for another task."""

from dataclasses import replace

from nas import transfer
from nas.reuse.text import show_transferred
from nas.reuse.transferred import Figures
from tests.reuse.conftest import Known


def test_a_table(known: Known) -> None:
    found = transfer(known.folder, known.data, scratch=False, device="cpu")
    metrics = {"val_loss": 0.1, "val_acc": 0.5, "test_acc": 0.123456}
    shown = replace(found, figures=Figures(metrics, 61.24), scratch=Figures(metrics, 0.0), chosen={"penalty": 1e-5})
    lines = [*show_transferred(shown)]
    assert lines == [
        "diagonals: 40 training samples, 40 to validate on, 80 to test",
        "features: 8 numbers of relu1",
        "",
        "           val_acc   test_acc  seconds",
        "probe      50.00\u00a0%    12.35\u00a0%     61.2  penalty 1e-05",
        "scratch    50.00\u00a0%    12.35\u00a0%      0.0",
    ]
    assert [*show_transferred(replace(shown, scratch=None))][-1].startswith("probe    50.00")
