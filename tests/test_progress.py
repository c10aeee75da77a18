"""What a person sees: lines in a log, a bar in a terminal, or nothing."""

import io
import re
from dataclasses import replace

import pytest
from rich.console import Console

from nas.progress import Display, Lines, Live, front_text, make_display, trial_text
from nas.space import Architecture
from nas.trial import Objective, Proposal, Trial


class _Clock:
    """Goes on by `step` seconds with each look at it."""

    def __init__(self, step: float) -> None:
        self.now, self.step = -step, step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _plain(text: str) -> str:
    """Without the escape sequences of a terminal."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


def test_lines() -> None:
    stream = io.StringIO()
    with Lines(stream, _Clock(40.0)) as display:
        display.say("a line that stays")
        display.start("trial", 4, 1)
        display.epoch(1, {"val_acc": 0.5})
        display.step("val_acc 0.9", "best 0.9")
        display.step("failed: CRASH: [red] {braces}")
        display.step("val_acc 0.8", "best 0.9")
        display.start("final", 100)
        display.step("one")
    assert stream.getvalue().splitlines() == [
        "a line that stays",
        # One training took 40 seconds, and two are left; the ones of before the start do not count.
        "trial 2/4 · val_acc 0.9 · best 0.9 · 1:20 left",
        "trial 3/4 · failed: CRASH: [red] {braces} · 0:40 left",
        "trial 4/4 · val_acc 0.8 · best 0.9 · 0:00 left",
        "final 1/100 · one · 1:06:00 left",
    ]


def test_lines_are_written_at_once() -> None:
    class Stream(io.StringIO):
        flushed = 0

        def flush(self) -> None:
            self.flushed = len(self.getvalue())

    stream = Stream()
    Lines(stream).say("text")
    assert stream.flushed == len("text\n")


def _live(stream: _Terminal) -> Live:
    return Live(Console(file=stream, force_terminal=True, width=200, color_system=None))


def test_a_live_display() -> None:
    stream = _Terminal()
    display = _live(stream)
    with display:
        display.say("before")
        display.start("trial", 5, 2)
        display.epoch(3, {"val_acc": 0.875, "val_loss": 1.0, "params": 12345})
        display._progress.refresh()
        assert "epoch 3 · val_acc 0.8750 · val_loss 1.0000" in _plain(stream.getvalue())
        display.step("val_acc 0.9", "best 0.9000")
        display.say("in between")
        display.step("val_acc 0.8", "best 0.9000")
        display._progress.refresh()
        display.start("final", 1)
        display._progress.refresh()
        display.step("done")
    text = _plain(stream.getvalue())
    for expected in ("before", "trial", "2/5", "4/5", "best 0.9000", "0:00 left", "in between", "final", "0/1"):
        assert expected in text


def test_a_live_display_before_and_without_a_stage() -> None:
    stream = _Terminal()
    with _live(stream) as display:
        display.epoch(1, {"val_acc": 0.5})
        display.step("nothing has begun")
    assert "nothing has begun" not in stream.getvalue()


@pytest.mark.parametrize("text", ["failed: CRASH: closing [/b] without [b]", "shape [16, 1] and [red]", "{braces} %s"])
def test_texts_are_shown_as_they_are(text: str) -> None:
    stream = _Terminal()
    display = _live(stream)
    with display:
        display.say(text)
        display.start("trial", 2)
        display.step(text, text)
        display._progress.refresh()
    assert _plain(stream.getvalue()).count(text) >= 3


def test_a_live_display_gives_the_terminal_back_after_an_error() -> None:
    stream = _Terminal()

    def fail() -> None:
        with _live(stream) as display:
            display.start("trial", 2)
            raise ValueError("an error")

    with pytest.raises(ValueError, match="an error"):
        fail()
    hidden, shown = stream.getvalue().rfind("\x1b[?25l"), stream.getvalue().rfind("\x1b[?25h")
    assert shown > hidden >= 0, "the cursor stays hidden"


def test_the_quiet_display_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    with make_display(quiet=True) as display:
        display.start("trial", 2)
        display.epoch(1, {"val_acc": 0.5})
        display.step("text", "headline")
        display.say("line")
    assert type(display) is Display
    assert capfd.readouterr() == ("", "")


def test_the_display_suits_the_stream(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(make_display(stream=_Terminal()), Lines)
    monkeypatch.setenv("TERM", "xterm")
    assert isinstance(make_display(stream=_Terminal()), Live)
    assert isinstance(make_display(stream=io.StringIO()), Lines)
    assert type(make_display(stream=_Terminal(), quiet=True)) is Display
    make_display().say("to standard error")
    assert capsys.readouterr() == ("", "to standard error\n")
    monkeypatch.setattr("sys.stderr", None)
    assert type(make_display()) is Display


def test_in_80_columns_the_text_of_the_last_training_gives_way() -> None:
    stream = io.StringIO()
    with Live(Console(file=stream, force_terminal=True, width=80)) as display:
        display.start("trial", 60)
        display.step("val_acc 0.1944 · 52,914 parameters · 774,144 MACs · 12.2 s", "best 0.1944, front of 1")
    shown = [line for line in re.split(r"[\r\n]", _plain(stream.getvalue())) if "front" in line]
    assert re.fullmatch(r"trial \S+ +1/60 best 0\.1944, front of 1 val_acc 0\S*… [\d:]+ [\d:]+ left", shown[-1])


def _trial(error: str | None = None, epochs: int | None = None, **metrics: float) -> Trial:
    scores = None if error else (0.0,)
    return Trial(0, Proposal(Architecture((), (), (4,)), epochs), 0, metrics, scores, 12.345, error, 0)


ACCURACY, LOSS, SIZE = Objective("val_acc"), Objective("val_loss", "minimize"), Objective("params", "minimize")


@pytest.mark.parametrize(
    ("trial", "objectives", "text"),
    [
        (_trial(val_acc=0.97222), [ACCURACY], "val_acc 0.9722 · 0 parameters · 0 MACs · 12.3 s"),
        (_trial(val_acc=0.0), [ACCURACY], "val_acc 0.0000 · 0 parameters · 0 MACs · 12.3 s"),
        (_trial(val_acc=0.5, epochs=3), [ACCURACY], "val_acc 0.5000 (3 epochs) · 0 parameters · 0 MACs · 12.3 s"),
        (_trial(val_acc=0.5, val_loss=0.25), [LOSS], "val_loss 0.2500 · 0 parameters · 0 MACs · 12.3 s"),
        (_trial(val_acc=0.5), [SIZE], "val_acc 0.5000 · 0 parameters · 0 MACs · 12.3 s"),
        (_trial(latency=0.5), [SIZE], "0 parameters · 0 MACs · 12.3 s"),
        (_trial(val_acc=0.5, val_loss=2000), [ACCURACY, SIZE, LOSS],
         "val_acc 0.5000 · val_loss 2,000 · 0 parameters · 0 MACs · 12.3 s"),
        (_trial("NONFINITE: train_loss is nan after epoch 1"), [LOSS],
         "failed: NONFINITE: train_loss is nan after epoch 1"),
    ],
)  # fmt: skip
def test_a_trial_in_one_line(trial: Trial, objectives: list[Objective], text: str) -> None:
    assert trial_text(trial, objectives) == text


def test_the_best_so_far() -> None:
    trial = replace(_trial(), scores=(-0.25,))
    assert front_text([], [LOSS]) == ""
    assert front_text([trial], [LOSS]) == "best 0.2500"
    assert front_text([replace(trial, scores=(-12345.0,))], [SIZE]) == "best 12,345"
    assert front_text([replace(trial, scores=(-0.25, 1.0))] * 3, [LOSS, ACCURACY]) == "best 0.2500, Pareto front of 3"
