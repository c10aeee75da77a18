"""All that is wrong at once: every mistake that was put into a file, and none that follows from it."""

import random
from contextlib import suppress
from pathlib import Path

import pytest

from nas.errors import SpecError
from nas.space import parse_space
from nas.space.reading.load import check_space
from nas.space.walks import misfits as module

SPACES = Path(__file__).parents[3] / "search_spaces"


def _said(text: str) -> list[tuple[int, str]]:
    """Line and message of each problem of a file; none if there are members."""
    try:
        parse_space(text, file="f").check()
    except SpecError as error:
        return [(problem.mark.line, problem.message) for problem in error.problems]
    return []


FITS = ("batch_norm", "relu", "conv: {width: 16}", "choice: [gelu, {conv: {width: 16, kernel: 5}}]", "residual: [tanh]")
# Wrong whatever comes in, as long as it is a map.
SURE = (
    "mbconv: {width: 16, kernel: 4}",
    "conv: {width: 16, kernel: 2}",
    "repeat: {choice: [1, 3]}\n    of: [{separable_conv: {width: {choice: [8, 16]}, kernel: 6}}]",
    "residual: [relu, {depthwise_conv: {kernel: 4}}]",
    "choice: [{conv: {width: 16, kernel: 2}}, {mbconv: {width: 16, kernel: 2}}]",
)
# Wrong, unless something is wrong before.
PERHAPS = (
    "group_norm: {groups: 7}",
    "parallel: [[{conv: {width: 3}}], []]",
    "choice: [{conv: {width: 16, kernel: 64, padding: valid}}, {conv: {width: 16, groups: 3}}]",
    "cell: {nodes: 1, edge: {conv: {width: 17}}}",
    "conv: {width: {choice: [4, 8], at_least: channels}}",
)
UNREADABLE = (
    "cnov: {width: 16}",
    "conv: {width: 16, kernal: 3}",
    "conv: {wdith: 16}",
    "max_pool: {kernel: two}",
    "conv: {width: 16, kernel: 80, padding: vlaid}",
    "conv: {width: {choose: [8, 16]}, stride: 2}",
    "choice: [relu, gleu]",
    "choice: []",
    "repeat: some\n    of: [max_pool]",
    "residual: [{conv: {width: 8}}]\n    projct: true",
    "residual: [{conv: {width: 8}}]\n    merge: sum",
    "flatten: \n    when: {size: '=> 4'}",
    "flatten: \n    when: {size_: '>= 4'}",
    "cell: {nodes: some, edge: relu}",
    "sequence: {a: {layers: [{conv: {width: 8}}], after: b}}\n    depth: 3",
    "layers: {conv: {width: 4}}",
    "block: {width: 4}",
)


@pytest.mark.parametrize("seed", range(40))
def test_every_mistake_is_told_and_nothing_else(seed: int) -> None:
    rng = random.Random(seed)
    sure = [*rng.sample(SURE, rng.randint(0, 3)), *rng.sample(UNREADABLE, rng.randint(0, 3))]
    perhaps = rng.sample(PERHAPS, rng.randint(0, 2))
    layers = [*sure, *perhaps, *(rng.choice(FITS) for _ in range(rng.randint(0, 4)))]
    rng.shuffle(layers)
    text = "input: [3, 32, 32]\noutputs: 10\nlayers:\n  - conv: {width: 16}\n"
    places: dict[str, int] = {}
    for layer in (*layers, "global_avg_pool", "linear: {units: outputs}"):
        places[layer] = text.count("\n") + 1
        text += f"  - {layer}\n"
    # What is said of the second line of a layer is said of the layer.
    starts = sorted({4, *places.values()})
    told = {max(start for start in starts if start <= line) for line, _ in _said(text)}
    wrong = {places[layer] for layer in sure}
    assert wrong <= told <= wrong | {places[layer] for layer in perhaps}, text
    assert bool(told) == bool(sure or perhaps)
    if not sure and len(perhaps) == 1:
        assert told == {places[perhaps[0]]}


def test_what_is_wrong_with_words_and_with_shapes() -> None:
    text = """
input: [3, 32, 32]
outputs: 10
layers:
  - name: act
    choice: [relu, gelu]
  - conv: {width: 16, kernal: 3}
  - mbconv: {width: 24, kernel: 4}
  - {conv: {width: 24, kernel: 2}, when: {act: rleu}}
  - repeat: {choice: [1, 2]}
    of: [{linear: {units: 4}}]
  - global_avg_pool
  - linear: {units: 3}
"""
    assert [(line, message.partition(" (")[0]) for line, message in _said(text)] == [
        (5, "no architecture fits: the output of the network has shape"),
        (7, "no such key: 'kernal'"),
        (8, "no architecture fits: mbconv with 'same' padding needs an odd kernel, got 4"),
        (9, "'act' has no such option"),
        (11, "no architecture fits: linear needs a flat input"),
    ]


def test_mistakes_that_no_data_can_mend(tmp_path: Path) -> None:
    path = tmp_path / "space.yaml"
    path.write_text("layers: [{conv: {width: 4, kernel: 2}}, flatten, {linear: {units: outputs}}]\n")
    with pytest.raises(
        SpecError, match=r"1:10: 0: no architecture fits: conv with 'same' padding needs an odd kernel"
    ) as caught:
        check_space(path)
    assert len(caught.value.problems) == 1
    path.write_text("layers: [{linear: {units: 4}}, {conv: {width: 4, stirde: 2}}, {linear: {units: 9}}]\n")
    with pytest.raises(SpecError, match=r"1:50: 1\.conv: no such key: 'stirde'") as caught:
        check_space(path)  # linear fits flat samples and conv the other ones, but not both
    assert ["no architecture fits" in problem.message for problem in caught.value.problems] == [False]
    for right in ("[flatten, {linear: {units: 3}}]", "[{conv: {width: 3}}, global_avg_pool]", "[relu]"):
        path.write_text(f"layers: {right}\n")
        check_space(path)


def test_options_that_do_not_fit_are_told_if_all_do() -> None:
    head = "input: [3, 8, 8]\nlayers:\n"
    bad, worse = (
        "  - choice:\n    - {conv: {width: 4, kernel: 2}}\n    - linear: {units: 4}\n",
        "{conv: {width: 4, kernel: 6}}",
    )
    assert [line for line, _ in _said(f"{head}{bad}")] == [4, 5]
    assert [line for line, _ in _said(f"{head}{bad}    - relu\n")] == []
    # One that leads to no further mistake goes before one that does.
    assert [line for line, _ in _said(f"{head}{bad}    - [{worse}, {worse}]\n")] == [4, 5]


def test_a_search_that_takes_too_long_tells_what_exploring_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_STEPS", 10)
    layers = ["    - choice: [relu, tanh]\n", "    - linear: {units: 2}\n"] * 9
    text = f"input: [3, 8]\nlayers:\n{''.join(layers)}"
    assert [line for line, _ in _said(text)] == [4]
    assert [line for line, _ in _said(f"{text}    - rleu\n")] == [21]


def _damaged(text: str, rng: random.Random) -> str:
    """With one word or number of the layers changed to one that means nothing."""
    start = text.index("\n", text.index("\nlayers:" if "define:" not in text else "\ndefine:") + 1)
    while True:
        at = rng.randrange(start, len(text))
        line = text[text.rfind("\n", 0, at) + 1 : text.find("\n", at)]
        if text[at - 1 : at + 1].isalnum() and "#" not in line:
            return f"{text[:at]}QQ{text[at:]}"


@pytest.mark.parametrize("path", sorted(SPACES.glob("*.yaml")), ids=lambda path: path.stem)
def test_nothing_follows_from_a_word_that_cannot_be_read(path: Path) -> None:
    text = path.read_text()
    rng = random.Random(path.stem)
    refused = 0
    for _ in range(2):
        damaged = _damaged(text, rng)
        with suppress(SpecError):
            parse_space(damaged)
            continue
        refused += 1
        assert not [message for _, message in _said(damaged) if "no architecture fits" in message], damaged
    assert refused
