"""The plot of the finalists: what is known of each is drawn, and what is not is left out."""

from nas.pages.run.finalists_plot import Strip, finalists_plot


def test_what_is_known_is_drawn() -> None:
    strips = [
        Strip("#7", 0.9, (0.93, 0.95), 0.94, (0.9, 0.98), chosen=True),
        Strip("#3", None, (0.92, 0.94), 0.93, (0.89, 0.97), chosen=False),
    ]
    svg = finalists_plot(strips, metric="val_acc")
    assert all(text in svg for text in ("#7", "#3", ">training<", ">95 %<", ">search<"))
    once = finalists_plot([Strip("#7", None, (0.9,), 0.9, None, chosen=True)] * 2, metric="val_acc")
    assert "full training" in once
    assert not any(text in once for text in (">training<", ">95 %<", ">search<"))
    assert svg == finalists_plot(strips, metric="val_acc"), "the same bytes"
