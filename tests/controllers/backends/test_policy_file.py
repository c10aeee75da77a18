"""Files of weights: what is in them, and what is refused."""

from pathlib import Path

import pytest
from safetensors.torch import save

from nas.controllers.backends.policy_file import read_policy, save_policy
from nas.controllers.backends.sequence_bodies import Transformer, normal
from nas.controllers.backends.sequence_policy import Policy
from nas.controllers.backends.vocabulary import Vocabulary
from nas.errors import IntegrityError, StorageError
from nas.space import parse_space

SHAPE = {"width": 4, "layers": 1, "heads": 2}
TEXT = "input: [4]\nlayers: [{name: a, choice: [relu, gelu]}, {linear: {units: {choice: [1, 2]}}}]"


def _vocabulary(text: str) -> Vocabulary:
    return Vocabulary(parse_space(text).universe)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Weights for `TEXT`."""
    policy = Policy(parse_space(TEXT), lambda: Transformer(**SHAPE), normal(0.1), seed=0, width=4, lr=0.1)
    save_policy(policy, SHAPE, tmp_path / "weights.safetensors")
    save_policy(policy, SHAPE, tmp_path / "again.safetensors")
    return tmp_path / "weights.safetensors"


def test_what_was_written_is_read(path: Path) -> None:
    shape, weights = read_policy(path, _vocabulary(TEXT))
    assert shape == SHAPE
    assert weights["decision.weight"].shape == (2, 4)
    assert path.read_bytes() == (path.parent / "again.safetensors").read_bytes()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (TEXT.replace("name: a", "name: b"), "it lacks the decision b"),
        (TEXT.replace("gelu", "tanh"), "expected the options ['relu', 'tanh'] of a, got ['relu', 'gelu']"),
        (TEXT.replace("[1, 2]", "[1]"), "expected the options [1] of 1.linear.units, got [1, 2]"),
        ("input: [4]\nlayers: [{name: a, choice: [relu, gelu]}]", "it has a decision that is not in this space: "),
    ],
)
def test_weights_for_another_space_are_refused(path: Path, text: str, message: str) -> None:
    with pytest.raises(IntegrityError) as caught:
        read_policy(path, _vocabulary(text))
    assert str(caught.value).startswith(f"{path} contains the weights of a policy for another space: {message}")


def test_the_order_of_the_decisions_counts(path: Path) -> None:
    universe = _vocabulary(TEXT).universe
    with pytest.raises(IntegrityError, match="its decisions are in another order"):
        read_policy(path, Vocabulary(dict(reversed(list(universe.items())))))


def test_other_files_are_refused(path: Path, tmp_path: Path) -> None:
    weights = read_policy(path, _vocabulary(TEXT))[1]
    other = tmp_path / "other.safetensors"
    wrong = '{"shape": {"width": 4, "layers": 1, "heads": 3}, "decisions": []}'
    for data in (b"", b"nothing", path.read_bytes()[:-9], save(weights), save(weights, metadata={"archwright": wrong})):
        other.write_bytes(data)
        with pytest.raises(IntegrityError, match=r"other\.safetensors does not contain the weights of a policy"):
            read_policy(other, _vocabulary(TEXT))
    with pytest.raises(StorageError, match=r"cannot be read"):
        read_policy(tmp_path / "none.safetensors", _vocabulary(TEXT))
