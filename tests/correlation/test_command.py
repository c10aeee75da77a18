"""What `nas proxies` is asked for."""

from pathlib import Path

import pytest

from nas.correlation.command import asked, run_asked
from nas.correlation.judged import ProxyComparison
from nas.errors import IntegrityError, SpecError, UsageError
from nas.events import Event, OnEvent, TrialEnded, unread
from tests.tiny_run import SPACE


def test_the_command_goes_on_with_its_study(tmp_path: Path) -> None:
    file = tmp_path / "space.yaml"
    file.write_text(SPACE)

    def compared(epochs: int, trials: int, on_event: OnEvent = unread) -> ProxyComparison:
        train = f"{{train: {{epochs: {epochs}}}}}"
        what = asked(file, data="digits", evaluator=train, table=None, path=None, device="cpu")
        study = tmp_path / "proxies.db"
        return run_asked(
            what, trials=trials, study=study, seed=0, device="cpu", workers="in_process", on_event=on_event
        )

    events: list[Event] = []
    assert compared(1, 4).networks == 4
    assert compared(1, 5, events.append).networks == 5
    assert sum(isinstance(event, TrialEnded) for event in events) == 1
    with pytest.raises(IntegrityError, match=r"evaluator\.train\.epochs: 1 -> 2"):
        compared(2, 5)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "name either a space file or --table"),
        ({"space": Path("s.yaml")}, "a space file needs --data"),
        ({"table": "naap440-cifar10", "evaluator": "train"}, "--evaluator measures networks of a space file"),
        ({"table": "nothing"}, "there is neither a table nor a file 'nothing'"),
    ],
)
def test_options_that_do_not_fit_together(options: dict[str, object], words: str) -> None:
    given: dict[str, object] = {"space": None, "data": None, "evaluator": None, "table": None, "path": None}
    with pytest.raises(UsageError, match=words):
        asked(**{**given, **options}, device="cpu")  # type: ignore[arg-type]


def test_an_option_that_names_nothing_says_where(tmp_path: Path) -> None:
    (tmp_path / "space.yaml").write_text(SPACE)
    with pytest.raises(SpecError, match=r"--data:1:1: data: no data set is named 'digts'.*did you mean 'digits'"):
        asked(tmp_path / "space.yaml", data="digts", evaluator=None, table=None, path=None, device="cpu")
