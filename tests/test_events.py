"""Events reach every reader in the order of posting, from whatever thread, and survive a journey to another process."""

import pickle
import threading
import time

import pytest

from nas.controllers import RandomSearch
from nas.driver.search import search
from nas.events import (
    Attempted,
    EpochEnded,
    Epochs,
    Event,
    Events,
    FinalistBegan,
    FinalistEnded,
    Notice,
    RunEnded,
    StageBegan,
    StudentEnded,
    TrialBegan,
    TrialEnded,
    now,
    unread,
)
from nas.space import Space, parse_space
from nas.testing import MatchEvaluator
from nas.trial import Objective, Trial


@pytest.fixture(scope="module")
def space() -> Space:
    return parse_space("{input: [4], layers: [{choice: [relu, gelu]}]}")


@pytest.fixture(scope="module")
def trial(space: Space) -> Trial:
    return next(iter(search(RandomSearch(space), MatchEvaluator(next(iter(space))), trials=1)))


def test_every_kind_can_be_sent_to_another_process(trial: Trial) -> None:
    kinds = [
        Notice("text"),
        StageBegan("trial", 5, 2, (Objective("val_acc"),), (trial,)),
        TrialBegan(3, trial.proposal),
        EpochEnded(3, 1, {"val_acc": 0.5}),
        TrialEnded(trial),
        Attempted(0, {"lr": 0.1}, "val_acc", None, "CRASH: on purpose"),
        FinalistBegan(trial),
        FinalistEnded(trial, {}, "CRASH: on purpose"),
        RunEnded("nasbench201", "random", 7),
        StudentEnded("distilled", "val_acc", 0.5),
    ]
    assert {type(event) for event in kinds} == set(Event.__subclasses__())
    for event in kinds:
        assert pickle.loads(pickle.dumps(event)) == event  # noqa: S301  written a moment ago
        unread(event)


def test_events_say_when(monkeypatch: pytest.MonkeyPatch) -> None:
    assert abs(now() - time.time()) < 60
    first = Notice("first").at
    monkeypatch.setattr(time, "time", lambda: 0.0)
    assert Notice("later").at >= first, "the clock of the machine was set back"
    assert Notice("text", at=5.0).at == 5.0


def test_readers_get_all_events_in_order() -> None:
    told: list[tuple[str, Event]] = []
    events = Events([lambda event: told.append(("first", event))])
    events.readers.append(lambda event: told.append(("second", event)))
    one, two = Notice("one"), Notice("two")
    events.post(one)
    events.post(two)
    assert told == [("first", one), ("second", one), ("first", two), ("second", two)]


def test_what_a_reader_posts_comes_after_what_is_being_delivered() -> None:
    texts: list[str] = []

    def echo(event: Event) -> None:
        if isinstance(event, StageBegan):
            events.post(Notice("echo"))

    events = Events([echo, lambda event: texts.append(getattr(event, "text", "stage"))])
    events.post(StageBegan("trial", 1))
    assert texts == ["stage", "echo"]


def test_any_thread_may_post_and_no_reader_is_called_twice_at_once() -> None:
    told: list[tuple[int, int]] = []
    inside = threading.Lock()

    def read(event: Event) -> None:
        assert isinstance(event, EpochEnded)
        assert inside.acquire(blocking=False), "a reader is called while it is called"
        told.append((event.number, event.epoch))
        time.sleep(0)
        inside.release()

    events = Events([read])

    def work(number: int) -> None:
        for epoch in range(200):
            events.post(EpochEnded(number, epoch, {}))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 1200
    for number in range(6):
        assert [epoch for one, epoch in told if one == number] == list(range(200))


def test_an_error_of_a_reader_ends_the_work_and_no_later_event_is_lost() -> None:
    texts: list[str] = []

    def read(event: Event) -> None:
        assert isinstance(event, Notice)
        if event.text == "bad":
            events.post(Notice("posted before the error"))
            raise ValueError("an error")
        texts.append(event.text)

    events = Events([read])
    with pytest.raises(ValueError, match="an error"):
        events.post(Notice("bad"))
    events.post(Notice("good"))
    assert texts == ["posted before the error", "good"]


def test_epochs_are_those_of_the_trial_that_began_last(trial: Trial) -> None:
    told: list[Event] = []
    events = Events([told.append])
    on_epoch = Epochs(events)
    for number in (0, 3):
        events.post(TrialBegan(number, trial.proposal))
        on_epoch(1, {"val_acc": 0.5})
        on_epoch(2, {"val_acc": 0.75})
    epochs = [(event.number, event.epoch, event.metrics) for event in told if isinstance(event, EpochEnded)]
    assert epochs == [(number, epoch, {"val_acc": acc}) for number in (0, 3) for epoch, acc in ((1, 0.5), (2, 0.75))]
