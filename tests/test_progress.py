"""What a person sees: lines in a log, a bar in a terminal, or nothing."""

import io
import re
from dataclasses import replace

import pytest
from rich.console import Console

from nas.events import (
    Attempted,
    EpochEnded,
    FinalistBegan,
    FinalistEnded,
    Notice,
    RunEnded,
    StageBegan,
    TrialBegan,
    TrialEnded,
)
from nas.progress import Display, Lines, Live, make_display
from tests.test_event_texts import ACCURACY, LOSS, trial_of


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _plain(text: str) -> str:
    """Without the escape sequences of a terminal."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


def _run(name: str, at: float) -> RunEnded:
    return RunEnded(name, "random", 0, at=at)


def test_lines() -> None:
    stream = io.StringIO()
    with Display(Lines(stream)) as display:
        display(Notice("a line that stays"))
        display(StageBegan("trial", 4, 1, (ACCURACY,), at=0.0))
        display(TrialBegan(1, trial_of().proposal))
        display(EpochEnded(1, 1, {"val_acc": 0.5}))
        display(TrialEnded(trial_of(val_acc=0.9), at=40.0))
        display(TrialEnded(trial_of("CRASH: [red] {braces}"), at=80.0))
        display(TrialEnded(trial_of(val_acc=0.8), at=120.0))
        display(StageBegan("tuning", 2, objectives=(ACCURACY,), at=120.0))
        display(Attempted(0, {"lr": 0.0123456, "warmup": 0.2}, "val_acc", 0.91, at=120.0))
        display(Attempted(1, {"lr": 0.1, "warmup": 0.0}, "val_acc", None, "NONFINITE: it is nan", at=120.0))
        display(StageBegan("final", 100, objectives=(ACCURACY,), at=120.0))
        display(FinalistBegan(trial_of()))
        display(FinalistEnded(trial_of(), {"val_acc": 0.95, "params": 12, "macs": 3456}, at=160.0))
        display(FinalistEnded(trial_of(), {}, "NONFINITE: train_loss is nan", at=200.0))
        display(StageBegan("run", 2, at=200.0))
        display(_run("nasbench201", at=230.0))
    id_ = trial_of().architecture.id
    assert stream.getvalue().splitlines() == [
        "a line that stays",
        # One training took 40 seconds, and two are left; the ones of before the start do not count.
        "trial 2/4 · val_acc 0.9000 · 0 parameters · 0 MACs · 12.3 s · best 0.9000 · 1:20 left",
        "trial 3/4 · failed: CRASH: [red] {braces} · best 0.9000 · 0:40 left",
        "trial 4/4 · val_acc 0.8000 · 0 parameters · 0 MACs · 12.3 s · best 0.9000 · 0:00 left",
        "tuning 1/2 · lr 0.0123, warmup 0.2 · val_acc 0.9100 · 0:00 left",
        "tuning 2/2 · lr 0.1, warmup 0 · failed: NONFINITE: it is nan · 0:00 left",
        f"final 1/100 · {id_} · val_acc 0.9500 · 12 parameters · 3,456 MACs · 1:06:00 left",
        f"final 2/100 · {id_} · failed: NONFINITE: train_loss is nan · 1:05:20 left",
        "run 1/2 · nasbench201 · random · seed 0 · 0:30 left",
    ]


def test_the_best_so_far_begins_with_what_was_there() -> None:
    stream, best = io.StringIO(), trial_of(val_acc=0.97)
    with Display(Lines(stream)) as display:
        display(StageBegan("trial", 2, 1, (ACCURACY,), (best,)))
        display(TrialEnded(replace(trial_of(val_acc=0.9), number=1)))
    assert "best 0.9700" in stream.getvalue()


def test_lines_are_written_at_once() -> None:
    class Stream(io.StringIO):
        flushed = 0

        def flush(self) -> None:
            self.flushed = len(self.getvalue())

    stream = Stream()
    Lines(stream).say("text")
    assert stream.flushed == len("text\n")


def _live(stream: _Terminal) -> tuple[Display, Live]:
    view = Live(Console(file=stream, force_terminal=True, width=200, color_system=None))
    return Display(view), view


def test_a_live_display() -> None:
    stream = _Terminal()
    display, view = _live(stream)
    with display:
        display(Notice("before"))
        display(StageBegan("trial", 5, 2, (ACCURACY, LOSS)))
        display(EpochEnded(2, 3, {"val_acc": 0.875, "val_loss": 1.0, "params": 12345}))
        view.refresh()
        assert "epoch 3 · val_acc 0.8750 · val_loss 1.0000" in _plain(stream.getvalue())
        display(TrialEnded(trial_of(val_acc=0.9, val_loss=0.5)))
        display(Notice("in between"))
        display(TrialEnded(trial_of(val_acc=0.8, val_loss=0.5)))
        view.refresh()
        display(StageBegan("final", 1))
        view.refresh()
        display(_run("done", at=0.0))
    text = _plain(stream.getvalue())
    for expected in ("before", "trial", "2/5", "4/5", "best 0.9000", "0:00 left", "in between", "final", "0/1"):
        assert expected in text


@pytest.mark.parametrize("stream", [_Terminal(), io.StringIO()])
def test_what_belongs_to_no_stage_is_not_shown(stream: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    with make_display(stream=stream) as display:
        display(EpochEnded(0, 1, {"val_acc": 0.5}))
        display(_run("nothing has begun", at=0.0))
    assert stream.getvalue() == ""


@pytest.mark.parametrize("text", ["failed: CRASH: closing [/b] without [b]", "shape [16, 1] and [red]", "{braces} %s"])
def test_texts_are_shown_as_they_are(text: str) -> None:
    stream = _Terminal()
    display, view = _live(stream)
    with display:
        display(Notice(text))
        view.start("trial", 2, 0)
        view.step(1, text, text, "0:00")
        view.refresh()
    assert _plain(stream.getvalue()).count(text) >= 3


def test_a_live_display_gives_the_terminal_back_after_an_error() -> None:
    stream = _Terminal()

    def fail() -> None:
        display, _ = _live(stream)
        with display:
            display(StageBegan("trial", 2))
            raise ValueError("an error")

    with pytest.raises(ValueError, match="an error"):
        fail()
    hidden, shown = stream.getvalue().rfind("\x1b[?25l"), stream.getvalue().rfind("\x1b[?25h")
    assert shown > hidden >= 0, "the cursor stays hidden"


def test_the_quiet_display_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    with make_display(quiet=True) as display:
        display(StageBegan("trial", 2))
        display(EpochEnded(0, 1, {"val_acc": 0.5}))
        display(TrialEnded(trial_of(val_acc=0.5)))
        display(Notice("line"))
    assert capfd.readouterr() == ("", "")


def test_the_display_suits_the_stream(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(make_display(stream=_Terminal()).view, Lines)
    monkeypatch.setenv("TERM", "xterm")
    assert isinstance(make_display(stream=_Terminal()).view, Live)
    assert isinstance(make_display(stream=io.StringIO()).view, Lines)
    assert make_display(stream=_Terminal(), quiet=True).view is None
    make_display()(Notice("to standard error"))
    assert capsys.readouterr() == ("", "to standard error\n")
    monkeypatch.setattr("sys.stderr", None)
    assert make_display().view is None


def test_in_80_columns_the_text_of_the_last_training_gives_way() -> None:
    stream = io.StringIO()
    view = Live(Console(file=stream, force_terminal=True, width=80))
    with Display(view):
        view.start("trial", 60, 0)
        view.step(1, "val_acc 0.1944 · 52,914 parameters · 774,144 MACs · 12.2 s", "best 0.1944, front of 1", "12:00")
    shown = [line for line in re.split(r"[\r\n]", _plain(stream.getvalue())) if "front" in line]
    assert re.fullmatch(r"trial \S+ +1/60 best 0\.1944, front of 1 val_acc 0\S*… [\d:]+ [\d:]+ left", shown[-1])
