"""Messages between the driver and its workers."""

import io
import math

import pytest

from nas.driver.executors.wire import Lines, Sources, Unpickled, line, pickled, raised, read_pickle, written
from nas.errors import ArchwrightError, Damaged, IntegrityError, MetricsError, StorageError, UsageError, WorkersFailed
from nas.events import EpochEnded, Epochs, Event, Events


def test_pickles_follow_each_other_in_a_stream() -> None:
    stream = io.BytesIO(pickled([1, 2]) + pickled("three") + b"rest")
    read = [Unpickled(read_pickle(stream) or b"", Events(), Sources()).load() for _ in range(2)]
    assert read == [[1, 2], "three"]
    assert stream.read() == b"rest"
    assert read_pickle(io.BytesIO(pickled("cut off")[:-1])) is None
    assert read_pickle(io.BytesIO()) is None


def test_a_queue_becomes_that_of_the_process_that_reads() -> None:
    here, there, events = Events(), Events(), list[Event]()
    there.readers.append(events.append)
    epochs = Unpickled((read_pickle(io.BytesIO(pickled(Epochs(here)))) or b""), there, Sources()).load()
    epochs(2, {"val_acc": 0.5})
    assert [(event.epoch, event.metrics) for event in events if isinstance(event, EpochEnded)] == [
        (2, {"val_acc": 0.5})
    ]


def test_numbers_come_back_bit_for_bit_in_any_pieces() -> None:
    numbers = [0.1 + 0.2, 1 / 3, 5e-324, math.inf, -math.inf, 2**70, -0.0]
    data = line(done={"val_curve": numbers, "text": "ü\n"}) + line(nan=math.nan)
    for size in (1, 7, len(data)):
        lines = Lines()
        found = [one for at in range(0, len(data), size) for one in lines.add(data[at : at + size])]
        assert repr(found) == repr([{"done": {"val_curve": numbers, "text": "ü\n"}}, {"nan": math.nan}])


@pytest.mark.parametrize("rubbish", [b"rubbish\n", b"[1]\n", b"\xff\n", b"\n"])
def test_rubbish_is_no_message(rubbish: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        list(Lines().add(rubbish))


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (StorageError("full"), StorageError),
        (Damaged("full"), IntegrityError),
        (MetricsError("full"), UsageError),
        (WorkersFailed("full"), ArchwrightError),
    ],
)
def test_errors_keep_their_exit_codes(error: ArchwrightError, kind: type[ArchwrightError]) -> None:
    (message,) = Lines().add(line(**written(error)))
    again = raised(message)
    assert type(again) is kind
    assert str(again) == "full"
    assert again.exit_code == error.exit_code
