"""What parts ask for, and what walks therefore forget."""

from pathlib import Path

import pytest

from nas.space import Space, load_space, parse_space
from nas.space.language.asks import NOTHING, Asks, asked
from nas.space.language.condition import Compare, Condition, OneOf, Word
from nas.space.language.formula import Formula

SPACES = Path(__file__).parents[3] / "search_spaces"


def _asks(words: str = "", decisions: str = "", shared: str = "") -> Asks:
    return Asks(*(frozenset(names.split()) for names in (words, decisions, shared)))


def _space(layers: str, define: str = "{}", input: str = "[4]") -> Space:
    return parse_space(f"input: {input}\ndefine: {define}\nlayers: {layers}")


def test_together() -> None:
    one, other = _asks("a b", "c"), _asks("b", "", "d")
    assert one | other == other | one == _asks("a b", "c", "d")
    assert one | _asks("a", "c") is one
    assert asked() is NOTHING
    assert asked("a", 3, None, Word("a"), (Word("b"), (2, OneOf((Word("c"), "d"))))) == _asks("a b c")
    assert asked(Formula("a + 2 * b", constants=(("b", 2),))) == _asks("a")
    tests = ("size", Compare("<", Word("w"))), ("act", OneOf((1,))), ("body.norm", OneOf((Formula("v + 1"),)))
    assert asked(Condition(tests)) == _asks("size act body.norm w v", "act body.norm")


def test_decisions_are_meant_by_the_ends_of_their_names() -> None:
    asks = _asks(decisions="norm c.act")
    assert all(map(asks.means, ["norm", "a.norm", "c.act", "a.0.c.act"]))
    assert not any(map(asks.means, ["act", "abnorm", "norm.a", "d.act"]))


def test_decisions_are_shared_by_the_beginnings_of_their_names() -> None:
    asks = _asks(shared="act a.0")
    assert all(map(asks.shares, ["act", "act.0.choice", "a.0", "a.0.b"]))
    assert not any(map(asks.shares, ["a", "a.1", "a.01", "b.act"]))


@pytest.mark.parametrize(
    ("layers", "define"),
    [
        pytest.param("[a, MIDDLE, a, END]", "{a: {share: true, choice: [relu, gelu]}}", id="a shared definition"),
        pytest.param(
            "[{linear: {units: u}}, MIDDLE, {linear: {units: u}}, {linear: {units: 3}}, END]",
            "{u: {share: true, choice: [4, 5]}}",
            id="a shared value",
        ),
        pytest.param(
            "[{name: a, choice: [relu, gelu]}, MIDDLE, {tanh: , when: {a: gelu}}, END]",
            "{}",
            id="a decision that a condition means",
        ),
        pytest.param(
            "[{b: {u: {choice: [4, 5]}}}]",
            "{b: {parameters: {u: }, layers: [MIDDLE, {linear: {units: u}}, {linear: {units: 3}}, END]}}",
            id="a word",
        ),
        pytest.param(
            "[{b: {u: {choice: [3, 4]}}}]",
            "{b: {parameters: {u: }, layers: "
            "[{parallel: [[MIDDLE], [{linear: {units: u}}, {linear: {units: 4}}]]}, END]}}",
            id="a word of a branch",
        ),
    ],
)
def test_what_nothing_later_asks_for_is_forgotten(layers: str, define: str) -> None:
    def states(middle: int, end: int) -> int:
        def filled(text: str) -> str:
            for word, copies in (("MIDDLE", middle), ("END", end)):
                text = text.replace(word, f"{{repeat: {copies}, of: [{{choice: [tanh, silu]}}]}}")
            return text

        return len(_space(filled(layers), filled(define)).graph.states)

    assert states(3, 1) - states(2, 1) == 2, "walks are kept apart while something asks what was decided"
    assert states(1, 3) - states(1, 2) == 1, "and meet behind it"


@pytest.mark.parametrize(
    "name", ["audio_cnn", "image_cnn", "mnist_mlp", "nasbench201", "text_lstm", "textcnn", "vit_tiny"]
)
def test_nothing_is_forgotten_that_matters(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    space = load_space(SPACES / f"{name}.yaml")
    size, universe = space.size, space.universe
    monkeypatch.setattr("nas.space.language.tree.read_later", lambda point: point)
    monkeypatch.setattr("nas.space.language.tree.read_by", lambda asks, scope: scope)
    monkeypatch.setattr("nas.space.walks.graph.read_by", lambda asks, scope: scope)
    again = load_space(SPACES / f"{name}.yaml")
    assert (again.size, again.universe) == (size, universe)
    assert len(again.graph.states) >= len(space.graph.states)
