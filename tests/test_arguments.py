"""Arguments that are checked by the annotations of a signature: what fits, what does not, and what is said of it."""

import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
import pytest

import nas
from nas.arguments import NotNegative, Positive, Seed, Threads, checked
from nas.controllers import CONTROLLERS, Controller
from nas.data import DATASETS
from nas.data.preparation.images import Sizing
from nas.data.preparation.sounds import Waveform
from nas.data.preparation.tables import TableInputs
from nas.data.preparation.texts import Tokenizing
from nas.data.reading.dialect import Dialect
from nas.data.roles import Roles
from nas.data.skipping import Skipping
from nas.data.split import Split
from nas.data.storage import Storage
from nas.document import from_object
from nas.errors import UsageError
from nas.evaluate import EVALUATORS
from nas.ops import OPS
from nas.settings import INLINE, Reader, Registry
from nas.settings.signature import Further, hints_of, unannotated


class Bell(Protocol):
    """Something that rings."""

    def ring(self, times: int) -> str: ...


class Brass:
    def ring(self, times: int) -> str:
        return "ding" * times


@checked
def play(
    bell: Bell,
    times: Positive = 1,
    *,
    pitch: float = 440.0,
    mood: Literal["merry", "sad"] | None = None,
    where: str | Path = "tower",
    rests: tuple[NotNegative, ...] = (),
    ringers: Iterable[Brass] = (),
    names: Sequence[str] = (),
    volumes: Mapping[str, float] | None = None,
    then: Callable[[], None] | None = None,
    anything: Any = None,
) -> Mapping[str, Any]:
    """Gives back what it was given."""
    return locals()


@checked
@dataclass(frozen=True)
class Concert:
    """A record."""

    seed: Seed = 0
    threads: Threads | None = None


def test_what_fits_comes_as_it_is_meant() -> None:
    bell = Brass()
    lenient: Any = play  # for a type checker, a scalar of NumPy is no number, and a list no tuple
    given = lenient(
        bell, np.int64(3), pitch=np.float32(2), mood="sad", where=Path("hill"), rests=[0, 2], names=["a"], anything=play
    )
    assert given["bell"] is bell
    assert (given["times"], type(given["times"])) == (3, int)
    assert (given["pitch"], given["rests"], given["names"]) == (2.0, (0, 2), ["a"])
    assert given["where"] == Path("hill")
    assert play(bell, pitch=1)["pitch"] == 1
    assert play(bell, volumes={"low": 1})["volumes"] == {"low": 1}


def test_what_can_be_gone_through_twice_stays_what_it_is() -> None:
    class Choir:
        def __iter__(self) -> Any:
            return iter([Brass()])

    choir = Choir()
    assert play(Brass(), ringers=choir)["ringers"] is choir
    assert len(play(Brass(), ringers=iter([Brass(), Brass()]))["ringers"]) == 2


BELL = "an object with the members of Bell (ring)"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"bell": "brass"}, f"play: bell: expected {BELL}, got 'brass'"),
        ({"bell": Brass}, f"play: bell: expected {BELL}, got the class Brass"),
        ({"bell": None}, f"play: bell: expected {BELL}, got None"),
        ({"times": 2.5}, "play: times: expected a valid integer, got 2.5"),
        ({"times": 2.0}, "play: times: expected a valid integer, got 2.0"),
        ({"times": True}, "play: times: expected a valid integer, got True"),
        ({"times": 0}, "play: times: expected 1 or more, got 0"),
        ({"times": None}, "play: times: expected a valid integer, got None"),
        ({"times": [1]}, "play: times: expected a valid integer, got a list of 1"),
        ({"pitch": "high"}, "play: pitch: expected a valid number, got 'high'"),
        ({"mood": "sda"}, "play: mood: expected 'merry' or 'sad', got 'sda'"),
        ({"where": 3}, "play: where: expected a valid string or a path, got 3"),
        ({"rests": [1, -1]}, "play: rests[1]: expected 0 or more, got -1"),
        ({"rests": 5}, "play: rests: expected a valid tuple, got 5"),
        ({"ringers": [Brass(), 1]}, "play: ringers[1]: expected an instance of Brass, got 1"),
        ({"ringers": "brass"}, "play: ringers: expected several, as in a list, got 'brass'"),
        ({"ringers": 5}, "play: ringers: expected several, as in a list, got 5"),
        ({"names": "abc"}, "play: names: expected several, as in a list, got 'abc'"),
        ({"names": ["a", 1]}, "play: names[1]: expected a valid string, got 1"),
        ({"volumes": {"low": "x"}}, "play: volumes['low']: expected a valid number, got 'x'"),
        ({"volumes": 3}, "play: volumes: expected a mapping, got 3"),
        ({"then": 3}, "play: then: expected something that can be called, got 3"),
        ({"times": 0, "pitch": Brass()}, "play: times: expected 1 or more, got 0; pitch: expected a valid number, "
                                         "got an object of the class Brass"),
        ({"tmies": 3}, "play: got an unexpected keyword argument 'tmies' (did you mean 'times'?)"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(arguments: Mapping[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        play(**{"bell": Brass(), **arguments})
    assert str(caught.value) == message


def test_arguments_must_be_there() -> None:
    with pytest.raises(UsageError, match=r"^play: missing a required argument: 'bell'$"):
        play()  # type: ignore[call-arg]
    with pytest.raises(UsageError, match=r"^play: too many positional arguments$"):
        play(Brass(), 1, 2)  # type: ignore[call-arg]


def test_a_record_is_checked_when_it_is_made() -> None:
    assert Concert(threads=4) == replace(Concert(), threads=4)
    for change, message in (
        ({"seed": 1 << 63}, "Concert: seed: expected 9223372036854775807 or less, got 9223372036854775808"),
        ({"threads": 100_000}, "Concert: threads: expected 1024 or less, got 100000"),
        ({"threads": 0}, "Concert: threads: expected 1 or more, got 0"),
        ({"sede": 1}, "Concert: got an unexpected keyword argument 'sede' (did you mean 'seed'?)"),
    ):
        with pytest.raises(UsageError) as caught:
            Concert(**change)
        assert str(caught.value) == message
    with pytest.raises(UsageError, match="expected 1024 or less"):
        replace(Concert(), threads=5000)


def test_nothing_else_changes() -> None:
    assert play.__doc__ == "Gives back what it was given."
    assert list(inspect.signature(Concert).parameters) == ["seed", "threads"]
    with pytest.raises(TypeError, match="inside"):
        checked(_fails)(1)


def _fails(number: int) -> None:
    raise TypeError("inside")


# The public names.

NOT_MADE = {
    # Protocols, and classes to be derived from:
    "Controller", "Evaluator", "Study", "Op", "Merge",
    # Made by a space, in every step of a walk:
    "Architecture", "Choice", "Cost", "Layer",
    # Tuples, an enumeration and an alias; what is made with them checks them:
    "Bound", "Samples", "FailureKind", "Shape",
    # Made by `OptunaStudy.open`, which checks, by `nas.run` and by `nas.compare_proxies`:
    "OptunaStudy", "RunResult", "DataSummary", "ProxyComparison", "Predictions", "PredictionStream",
    # What functions that check give back:
    "Diagnosed", "Distilled", "Exposure", "LayerSimilarity", "Membership", "Neighbours", "PrivateStudent",
    "Transferred", "Tree",
}  # fmt: skip
"""Public names that people do not call."""
ARRAYS = {
    "from_arrays": {"inputs", "targets", "groups", "val_groups"},
    "from_dataset": {"dataset", "val", "test"},
    "from_images": {"images", "targets", "groups", "val_groups"},
    "from_sounds": {"targets", "groups", "val_groups"},
    "from_table": {"table", "test"},
    "from_texts": {"inputs", "targets", "groups", "val_groups"},
    "Network": {"mean", "std"},
    "predict": {"inputs"},
    "predict_batches": {"inputs"},
    "Distill": {"unlabelled"},
    "distill": {"teacher", "unlabelled"},
    "distill_privately": {"unlabelled"},
    "fit_tree": {"answers", "features"},
    "input_gradients": {"inputs"},
    "integrated_gradients": {"baseline", "inputs"},
    "invert": {"teacher"},
    "layer_similarity": {"inputs"},
    "nearest_neighbours": {"among", "inputs", "rows"},
    "token_gradients": {"inputs"},
}
"""Arguments that are arrays, tables, modules or data sets of any library, and are checked as such."""


class Wrong:
    """What no argument can be."""


def called() -> list[str]:
    values = {name: getattr(nas, name) for name in dir(nas)}
    errors = {name for name, one in values.items() if isinstance(one, type) and issubclass(one, BaseException)}
    return [name for name, one in values.items() if callable(one) and name not in {*errors, *NOT_MADE}]


@pytest.mark.parametrize("name", called())
def test_whatever_is_public_names_every_wrong_argument(name: str) -> None:
    target = getattr(nas, name)
    parameters = inspect.signature(target).parameters.values()
    named = [one.name for one in parameters if one.kind is not inspect.Parameter.VAR_KEYWORD]
    with pytest.raises(UsageError, match=f"^{name}: "):
        target(**dict.fromkeys(named, Wrong()), nonsense=1)
    if not named:
        return
    with pytest.raises(UsageError) as caught:
        target(**dict.fromkeys(named, Wrong()))
    told = {
        one for one in named if re.search(rf"\b{one}: expected .*, got an object of the class Wrong", str(caught.value))
    }
    assert told == set(named) - ARRAYS.get(name, set())


def test_a_study_in_a_database_is_opened() -> None:
    with pytest.raises(UsageError, match=r"^OptunaStudy: use `with OptunaStudy\.open\(storage, name="):
        nas.OptunaStudy("study.db", name="study")


def test_a_study_in_a_database_names_every_wrong_argument() -> None:
    names = ("storage", "name", "space", "objectives", "identity", "accept_changes")
    with pytest.raises(UsageError) as caught, nas.OptunaStudy.open(**dict.fromkeys(names, Wrong())):  # type: ignore[arg-type]
        pass
    assert all(f"{name}: expected" in str(caught.value) for name in names)


VALUES: Sequence[Any] = (-3, 0, 1, 7, 2.5, -0.5, True, None, "x", "auto", [], [1], ["a"], [[1, 2]], {}, {"a": 1})
"""What may stand in a run file, right or wrong."""


RECORDS = {
    "augment": nas.Augment,
    "recipe": nas.Recipe,
    **{
        one.__name__: one
        for one in (Dialect, Roles, Sizing, Skipping, Split, Storage, TableInputs, Tokenizing, Waveform)
    },
}
RECORDS_AND_THINGS = (Controller, Sequence[Controller], nas.Augment, nas.Distill | None, nas.Recipe | None)
"""What a file describes by a mapping, and Python takes as it is."""
THINGS: Sequence[Mapping[str, Callable[..., Any]]] = (CONTROLLERS, EVALUATORS, DATASETS, RECORDS, OPS)


@pytest.mark.parametrize(("table", "name"), [(table, name) for table in THINGS for name in table])
def test_python_takes_what_a_run_file_takes(table: Mapping[str, Callable[..., Any]], name: str) -> None:
    """Of each setting of each thing, by the same annotations; parts that are things in turn aside."""
    target = table[name]
    reader = Reader(Path("run.yaml"), ())
    wrong = {one: Wrong() for one in inspect.signature(target).parameters}
    annotations = hints_of(target)
    hints = {one: unannotated(hint)[0] for one, hint in annotations.items()}
    supplied = table.supplied if isinstance(table, Registry) else ()
    for setting in (one for one in wrong if one not in supplied):
        words = unannotated(annotations[setting])[1]
        if INLINE in words or any(isinstance(word, Further) for word in words):  # a record, or settings of other things
            continue
        if hints[setting] in (*RECORDS_AND_THINGS, Path | None, Path):
            continue
        for value in VALUES:
            before = len(reader.problems)
            reader.value(from_object(value), annotations[setting], "setting")
            told = ""
            try:
                target(**{**wrong, setting: value})
            except UsageError as error:
                told = str(error)
            refused = re.search(rf"\b{setting}(\[[^]]*\])*: expected", told) is not None
            assert refused == (len(reader.problems) > before), (setting, value)
