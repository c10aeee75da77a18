"""The hardest samples."""

from collections.abc import Callable

from nas.data.shown import Curves, Picture, RowValues, Shown, Words
from nas.final.diagnosed import Diagnosed, Hard, Near
from nas.pages.run import RunSummary, report_html
from nas.pages.run.hardest_section import HIGH, hardest_section
from tests.pages.page import check

MakeRun = Callable[..., RunSummary]


def with_sample(make_run: MakeRun, shown: Shown, loss: float | None = 2.345) -> RunSummary:
    hard = Hard(1234, loss, "<cat>", "dog (90 %)", shown)
    return make_run(diagnosed=Diagnosed("test", 5000, None, (hard,)))


def test_a_picture_is_enlarged_by_a_whole_factor(make_run: MakeRun) -> None:
    run = with_sample(make_run, Picture("aGk=", 8, 30), loss=None)
    found = hardest_section(run)
    assert found is not None
    (sample,) = found["samples"]
    assert (sample["width"], sample["height"], sample["loss"]) == (24, 90, "–")
    page = check(report_html(run))
    assert ("src", "data:image/png;base64,aGk=") in page.attributes
    assert "<cat> , predicted dog (90 %). Sample 1,234, loss –." in page.text


def test_words_have_colours_and_spaces(make_run: MakeRun) -> None:
    run = with_sample(make_run, Words(((" not", -1.0), (" good", 0.5), ("ish", 0.0)), left_out=7))
    html = report_html(run)
    check(html)
    assert 'var(--vermilion) 55%, transparent)">not</mark> <mark' in html
    assert 'var(--blue) 28%, transparent)">good</mark><mark' in html
    assert "… 7 more" in html
    assert "A word in blue speaks for the right answer" in html


def test_rows_and_series(make_run: MakeRun) -> None:
    page = check(report_html(with_sample(make_run, RowValues((("age", "39"), ("job", "none"))))))
    assert "age 39 job none" in page.text
    assert "most unusual among the training samples come first." in page.text
    assert "columns are shown" not in page.text
    some = check(report_html(with_sample(make_run, RowValues((("age", "39"),), left_out=3))))
    assert "1 of 4 columns are shown." in some.text
    found = hardest_section(with_sample(make_run, Curves(((0.0, 1.0), (1.0, 1.0)))))
    assert found is not None
    colour, points = found["samples"][0]["curves"][0]
    assert (colour, points) == ("blue", f"0.0,{HIGH - 2:.1f} 240.0,2.0")
    check(report_html(with_sample(make_run, Curves(((3.0, 3.0),)))))


def test_what_counts_and_training_samples_beside_a_sample(make_run: MakeRun) -> None:
    shown = (Picture("bm8=", 8, 8), Words(((" not", -1.0), (" good", 0.5)), left_out=7), None, Curves(((0.0, 1.0),)))
    for one, expected in zip(shown, ("", "not good …", "<line> 3", ""), strict=True):
        near = (Near("<line> 3", 0.987, "<dog>", one),)
        hard = Hard(1234, 2.3, "<cat>", "dog (90 %)", Picture("aGk=", 8, 30), Picture("b3U=", 8, 30), near)
        page = check(report_html(make_run(diagnosed=Diagnosed("test", 5000, None, (hard,)))))
        assert f"<dog> 0.99 {expected}".strip() in page.text
        assert "speaks for the right answer in blue" in page.text
        assert "the training samples that the network finds most alike" in page.text
        assert ("src", "data:image/png;base64,b3U=") in page.attributes
        assert (("src", "data:image/png;base64,bm8=") in page.attributes) == isinstance(one, Picture)


def test_nothing_is_said_of_what_an_earlier_version_did_not_look_at(make_run: MakeRun) -> None:
    text = check(report_html(with_sample(make_run, Picture("aGk=", 8, 8)))).text
    assert "speaks for" not in text
    assert "most alike" not in text
    assert "What the network has learned" not in text


def test_there_are_none(make_run: MakeRun) -> None:
    assert hardest_section(make_run()) is None
