"""How often a training is stored while it lasts."""

from pathlib import Path

from nas.training.checkpoints import Checkpoints
from nas.training.keeping import SHARE, Keeping


class Clock:
    """A clock that is set."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_at_most_a_share_of_the_time_is_spent(tmp_path: Path) -> None:
    """With epochs of 0.4 s, and 0.05 s for each storing."""
    clock, stored = Clock(), list[int]()
    keeping = Keeping(Checkpoints(tmp_path), "a", clock)
    spent, beginning = 0.0, clock.now

    def content() -> bytes:
        nonlocal spent
        clock.now += 0.05
        spent += 0.05
        stored.append(epoch)
        return b"%d" % epoch

    for epoch in range(1, 31):
        clock.now += 0.4
        keeping.note(epoch, content, finished=False)
        assert spent <= SHARE * (clock.now - beginning) + 0.05
    assert stored == [3, 13, 19, 25], "the first is expected to take 0.02 s; the others wait for their share"
    assert Checkpoints(tmp_path).load("a", 30) == b"25"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_finished_training_is_stored_whatever_it_takes(tmp_path: Path) -> None:
    clock = Clock()
    keeping = Keeping(Checkpoints(tmp_path), "a", clock)
    keeping.note(1, lambda: b"one", finished=False)
    assert not list(tmp_path.iterdir())
    keeping.note(2, lambda: b"two", finished=True)
    assert Checkpoints(tmp_path).load("a", 2) == b"two"
