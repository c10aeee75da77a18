"""Rows of decisions: their names."""

from nas.pages.run.decision_rows import short_name


def test_short_names_keep_their_ends() -> None:
    assert short_name("stage4.stage.further.2.0.block.expansion", 27) == "stage4…2.0.block.expansion"
    assert short_name("a.b.c", 5) == "a.b.c"
    assert short_name("x" * 30, 10) == "xxxxxxxxx…"
    assert short_name("first." + "x" * 30, 10) == "first.xxx…"
