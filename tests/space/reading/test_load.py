"""Reading a space: what a file may say, and the exact words about what it may not."""

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import yaml
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from nas.document import parse_document
from nas.errors import SpecError, UsageError
from nas.ops import OPS, Cost, Identity, Op, Shape
from nas.space import Bound, Space, load_space, parse_space
from nas.space.reading.cells import CELL_KEYS
from nas.space.reading.keywords import KEYWORDS
from nas.space.reading.load import TOP_KEYS
from nas.space.reading.sequences import STEP_KEYS
from tests.space.given import given as given_data

DIGITS = Path(__file__).parents[3] / "search_spaces" / "digits_cnn.yaml"

VALID = """\
name: tiny
input: [2, 8, 8]
outputs: 3
limits: {params: {min: 10, max: 9000}, macs: 1e6}
define:
  widths: {share: true, choice: [2, 4]}
  act: {choice: [relu, gelu]}
  block:
    parameters: {width: , kernel: {choice: [1, 3]}}
    residual: [{conv: {width: width, kernel: kernel}}, act]
    project: true
    merge: add
  edges:
    share: true
    parameters: {stride: 1}
    cell:
      inputs: 2
      nodes: 2
      reads: 1
      stride: stride
      width: 4
      output: concat
      project: [{conv: {width: width, kernel: 1, stride: stride}}]
      edge: {choice: {none: {zero: {stride: stride}}, conv: {conv: {width: width, stride: stride}}}}
layers:
  - name: body
    repeat: {choice: [1, 2]}
    share: true
    of:
      - conv: {width: {choice: [2, 4], at_least: channels}, bias: false}
      - choice: [relu, {max_pool: {kernel: 2}, when: {size: ">= 8"}}, [batch_norm, gelu]]
  - residual: [{conv: {width: 4}}]
    project: true
  - {relu: , when: {body.repeat: 2, channels: [2, 4]}}
  - block: {width: widths}
  - edges
  - edges: {stride: 2}
  - parallel: {a: [{conv: {width: 2}}], b: []}
    merge: concat
  - name: net
    sequence:
      pool: {layers: max_pool, max: 1, after: start, when: {size: "> 1"}}
      fc: {layers: [flatten, {linear: {units: 3}}], after: [start, pool, fc]}
      out: {layers: [], last: true, after: [fc]}
    depth: {min: 1, max: 2}
    dropout: {p: 0.5, every: 2, after: fc, except: [pool], beyond: true}
  - cell:
      nodes: 1
      edges: 2
      node: relu
      project: {conv: {width: width, kernel: 1}}
    when: {flat: false}
  - layers: [{choice: {flat: flatten, mean: identity}}, {linear: {units: outputs}}]
"""


def test_a_file_that_says_everything() -> None:
    space = parse_space(VALID.replace("      width: width\n", ""))
    assert (space.name, space.input, space.output) == ("tiny", (2, 8, 8), (3,))
    assert space.limits.bounds == {"params": Bound(10, 9000), "macs": Bound(0, 1_000_000)}
    assert set(space.universe) >= {"body.repeat", "body.0.conv.width", "body.1", "widths", "3.block.kernel", "edges.3"}
    assert space.universe["9.0"] == ("flat", "mean")
    assert space.universe["net.1"] == ("pool", "fc", "out")
    assert space.sample(np.random.default_rng(0)).output == (3,)


def test_loading_explores_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def explore(*_: object, **__: object) -> None:
        raise AssertionError("nobody asked what fits")

    monkeypatch.setattr("nas.space.space.build_graph", explore)
    space = parse_space(VALID)
    assert (space.name, space.fingerprint) == ("tiny", parse_space(VALID).fingerprint)
    for use in (Space.check, lambda space: space.size, lambda space: space.universe):
        with pytest.raises(AssertionError, match="nobody asked"):
            use(space)


def test_whether_anything_fits_is_known_at_the_first_walk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nas.space.walks.graph.MAX_STEPS", 5_000)
    for text, message in [
        ("input: [4]\nlayers: [max_pool]", "no architecture fits"),
        ("input: [4]\nlimits: {params: 5}\nlayers: [{linear: {units: 3}}]", "no architecture meets the limits"),
        ("input: [4]\nlayers: [{repeat: 1000, of: [{repeat: 1000, of: [relu]}]}]", "too many situations"),
    ]:
        space = parse_space(text)
        for _ in range(2):
            with pytest.raises(SpecError, match=message):
                space.check()


def test_keys_are_frozen() -> None:
    # They are the language: taking one away breaks files, and belongs in the changelog.
    about, given = ("name", "about", "for"), ("input", "outputs", "tokens", "categories", "rate")
    assert (*about, *given, "limits", "define", "layers") == TOP_KEYS


def test_a_mapping_is_read_like_a_file(tmp_path: Path) -> None:
    path = tmp_path / "some.yaml"
    path.write_text(VALID)
    value: dict[str, Any] = yaml.safe_load(VALID)
    value["limits"]["macs"] = 1e6  # YAML 1.1, which yaml.safe_load reads, takes 1e6 for text
    one, other, text = load_space(path), load_space(value), parse_space(VALID)
    assert one.fingerprint == other.fingerprint == text.fingerprint
    seeds = range(20)
    ids = [[space.sample(np.random.default_rng(seed)).id for seed in seeds] for space in (one, other, text)]
    assert ids[0] == ids[1] == ids[2]
    assert load_space(str(path)).size == one.size


def test_a_file_without_a_name_has_its_own(tmp_path: Path) -> None:
    path = tmp_path / "my_space.yaml"
    path.write_text("input: [4]\nlayers: [relu]\n")
    assert load_space(path).name == "my_space"
    assert load_space({"input": [4], "layers": []}).name == "space"


def test_arguments_go_before_the_data_set_and_that_before_the_file() -> None:
    source = {"input": [1, 8, 8], "outputs": 10, "layers": ["flatten", {"linear": {"units": "outputs"}}]}

    def ends(**arguments: Any) -> tuple[Shape, Shape | None]:
        space = load_space(source, **arguments)
        return space.input, space.output

    assert ends() == ((1, 8, 8), (10,))
    data = given_data("image", (1, 6, 6))
    assert ends(data=data) == ((1, 6, 6), (2,))
    assert ends(data=data, input=(3, 4), outputs=7) == ((3, 4), (7,))
    assert ends(input=(5,)) == ((5,), (10,))


def test_ops_of_ones_own() -> None:
    @dataclass(frozen=True)
    class Twice(Identity):
        name: ClassVar[str] = "twice"
        times: int = 2

        def cost(self, input: Shape) -> Cost:
            return Cost(self.times, 0)

        def is_identity(self, input: Shape) -> bool:
            return False

    ops: dict[str, type[Op]] = {**OPS, "twice": Twice}
    space = load_space({"input": [4], "layers": [{"twice": {"times": {"choice": [3, 4]}}}, "relu"]}, ops=ops)
    assert [arch.params for arch in space] == [3, 4]
    with pytest.raises(SpecError, match="no op, definition or keyword is named 'twice'"):
        load_space({"input": [4], "layers": [{"twice": {"times": 3}}]})


def test_digits_is_valid() -> None:
    space = load_space(DIGITS)
    assert space.name == "digits_cnn"
    assert space.universe["flat"] == ("flatten", "global_avg_pool")


# A file and the exact message, after the name.
PROBLEMS = {
    "no mapping": (
        "- relu",
        "1:1: a space must be a mapping (expected a mapping with 'layers', got a list of 1)",
    ),
    "no layers": (
        "input: [4]",
        "1:1: the network is missing (expected 'layers', got a mapping with 'input')",
    ),
    "no input": (
        "layers: []",
        "1:1: input: the input shape is unknown (expected `input:` here, or a data set)",
    ),
    "unknown key": (
        "input: [4]\nlayer: []\nlayers: []",
        "2:1: no such key: 'layer' (expected name, about, for, input, outputs, tokens, "
        "categories, rate, limits, define, layers; did you mean 'layers'?)",
    ),
    "input of four": (
        "input: [1, 2, 3, 4]\nlayers: []",
        "1:8: input: the shape is invalid (expected 1 to 3 positive sizes, channels first)",
    ),
    "input of nothing": (
        "input: [0]\nlayers: []",
        "1:8: input: the shape is invalid (expected 1 to 3 positive sizes, channels first)",
    ),
    "input as text": (
        "input: 4\nlayers: []",
        "1:8: input: a value does not fit (expected a list of 1 to 3 positive sizes, channels first, "
        "or 'from data', got 4)",
    ),
    "outputs": (
        "input: [4]\noutputs: 0\nlayers: []",
        "2:10: outputs: the number of outputs is not positive (expected 1 or more)",
    ),
    "layers as a mapping": (
        "input: [4]\nlayers: {conv: 3}",
        "2:9: layers: layers must be a list (expected a list of layers, got a mapping with 'conv')",
    ),
    "limits as a number": (
        "input: [4]\nlimits: 5\nlayers: []",
        "2:9: limits: limits must be a mapping (expected a mapping such as {params: 50000}, got 5)",
    ),
    "limit on something else": (
        "input: [4]\nlimits: {parms: 5}\nlayers: []",
        "2:10: limits: no such key: 'parms' (expected params, macs; did you mean 'params'?)",
    ),
    "negative limit": (
        "input: [4]\nlimits: {params: -5}\nlayers: []",
        "2:18: limits.params: not a count (expected a whole number, 0 or more, got -5)",
    ),
    "limit as text": (
        "input: [4]\nlimits: {params: {max: 50k}}\nlayers: []",
        "2:24: limits.params.max: not a count (expected a whole number, 0 or more, got the text '50k')",
    ),
    "infinite limit": (
        "input: [4]\nlimits: {params: .inf}\nlayers: []",
        "2:18: limits.params: not a count (expected a whole number, 0 or more, got inf)",
    ),
    "limit beyond 64 bits": (
        "input: [4]\nlimits: {params: 1e30}\nlayers: []",
        "2:18: limits.params: not a count (expected at most 9,223,372,036,854,775,807, got 1e+30)",
    ),
    "long name": (
        f"name: {'a' * 201}\ninput: [4]\nlayers: [{{name: {'b' * 201}, relu: }}]",
        "1:7: name: a name is too long (expected at most 200 bytes)\n"
        "f:3:17: 0: not a valid name (expected a word of letters, digits and underscores, of at most 200, got the "
        f"text '{'b' * 40}…')",
    ),
    "limits the wrong way round": (
        "input: [4]\nlimits: {params: {min: 5, max: 4}}\nlayers: []",
        "2:18: limits.params: the minimum is above the maximum (expected at most 4, got 5)",
    ),
    "limit with an unknown end": (
        "input: [4]\nlimits: {params: {mx: 5}}\nlayers: []",
        "2:19: limits.params: no such key: 'mx' (expected min, max; did you mean 'max'?)",
    ),
    "name as a number": (
        "name: 3\ninput: [4]\nlayers: []",
        "1:7: name: a value does not fit (expected a name, got 3)",
    ),
    "outputs as text": (
        "input: [4]\noutputs: ten\nlayers: []",
        "2:10: outputs: a value does not fit (expected a positive number of outputs, got the text 'ten')",
    ),
    "input of text": (
        "input: [a]\nlayers: []",
        "1:8: input: a value does not fit (expected a list of 1 to 3 positive sizes, channels first, "
        "or 'from data', got a list of 1)",
    ),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_problems_in_exact_words(name: str) -> None:
    text, message = PROBLEMS[name]
    with pytest.raises(SpecError) as caught:
        parse_space(text, file="f")
    assert str(caught.value) == f"f:{message}"


def test_all_problems_of_a_file_are_reported_at_once(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(
        """\
inptu: [4]
limits: {params: -1}
layers:
  - relo
  - linear: {units: x, bias: 3}
  - repeat: 2
    of:
      - choice: [max_pol, relu, relu]
      - residual: [{conv: {}}]
        projct: true
"""
    )
    with pytest.raises(SpecError) as caught:
        load_space(path)
    assert [(problem.mark.line, problem.mark.column) for problem in caught.value.problems] == [
        (1, 1),
        (1, 1),
        (2, 18),
        (4, 5),
        (5, 21),
        (5, 30),
        (8, 18),
        (8, 33),
        (9, 27),
        (10, 9),
    ]
    assert all(problem.mark.file == str(path) for problem in caught.value.problems)


def test_problems_of_an_object_have_no_line() -> None:
    with pytest.raises(SpecError) as caught:
        load_space({"input": [4], "layers": [{"linear": {"units": None}}]})
    assert str(caught.value) == "<object>: 0.linear.units: a value does not fit (expected a valid integer, got nothing)"


def test_a_missing_file() -> None:
    with pytest.raises(UsageError, match="there is no such file"):
        load_space("/no/such/space.yaml")


PIECES = ["", " ", "  ", "[", "]", "{", "}", ": ", ", ", "-", "- ", "0", "-1", "7", "~", "!", "&a", "*a"]
WORDS = ["relu", "choice", "repeat", "outputs", "true", ".nan", "'", '"', "#", "\t", "\0", "é", "|", "width", "share"]
PARTS: list[Any] = [
    *("x", [1], ["relu"], {"choice": []}, {"choice": [1, 2]}, {"relu": None}, {"a": "gelu"}),
    *("block", "widths", "edges", {"size": ">= 2"}, {"cell": {"nodes": 1, "edge": "relu"}}, {"edges": {"stride": 0}}),
]
DAMAGE = settings(deadline=None, derandomize=True, database=None, phases=[Phase.generate])


@settings(DAMAGE, max_examples=100)
@given(data=st.data())
def test_a_damaged_file_is_a_space_or_a_spec_error(data: st.DataObject) -> None:
    lines = VALID.split("\n")
    for _ in range(data.draw(st.integers(1, 3))):
        row = data.draw(st.integers(0, len(lines) - 1))
        line = lines[row]
        start = data.draw(st.integers(0, len(line)))
        stop = data.draw(st.integers(start, min(len(line), start + 6)))
        piece = data.draw(st.sampled_from(PIECES) | st.sampled_from(WORDS) | st.text(max_size=3))
        kind = data.draw(st.sampled_from(["change", "change", "change", "delete", "double", "cut"]))
        if kind == "change":
            lines[row] = line[:start] + piece + line[stop:]
        elif kind == "cut":
            lines[row:] = [line[:start]]
        else:
            lines[row : row + 1] = [] if kind == "delete" else [line, line]
    _read("\n".join(lines))


@settings(DAMAGE, max_examples=60)
@given(start=st.integers(0, len(VALID)), length=st.integers(0, 9), noise=st.binary(max_size=9))
def test_random_bytes_in_a_file(
    start: int, length: int, noise: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = VALID.encode()
    path = tmp_path_factory.mktemp("damaged") / "space.yaml"
    path.write_bytes(data[:start] + noise + data[start + length :])
    _read(path)


@settings(DAMAGE, max_examples=60)
@given(data=st.data())
def test_a_damaged_mapping_is_a_space_or_a_spec_error(data: st.DataObject) -> None:
    value = parse_document(VALID).plain()
    places: list[tuple[Any, Any]] = []

    def visit(node: Any) -> None:
        for key in node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ():
            places.append((node, key))
            visit(node[key])

    visit(value)
    for _ in range(data.draw(st.integers(1, 2))):
        holder, key = data.draw(st.sampled_from(places))
        other, name = data.draw(st.sampled_from(places))
        whole: st.SearchStrategy[Any] = st.sampled_from(
            [None, True, 0, 1, -1, 2.5, 10**20, float("nan"), "", "relu", "choice", [], {}]
        )
        kind = data.draw(st.sampled_from(["replace", "replace", "delete", "rename", "swap"]))
        try:
            if kind == "replace":
                holder[key] = copy.deepcopy(data.draw(whole | st.sampled_from(PARTS)))
            elif kind == "delete":
                del holder[key]
            elif kind == "swap":
                holder[key], other[name] = copy.deepcopy((other[name], holder[key]))
            elif isinstance(holder, dict):
                holder[data.draw(st.sampled_from(["x", *WORDS, *KEYWORDS, *CELL_KEYS, *STEP_KEYS]))] = holder.pop(key)
        except (KeyError, IndexError):  # one damage took away what the other was to change
            pass
    _read(value)


def _read(source: Any) -> None:
    """Reads what may be damaged, and uses it if it is not."""
    try:
        space: Space = parse_space(source, file="f") if isinstance(source, str) else load_space(source)
    except SpecError as error:
        assert error.problems  # noqa: PT017  either end is right
        assert all(problem.mark.line or not isinstance(source, str | Path) for problem in error.problems)  # noqa: PT017
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("nas.space.walks.graph.MAX_STEPS", 10_000)
        try:
            space.check()
        except SpecError:
            return
    rng = np.random.default_rng(0)
    arch = space.mutate(space.sample(rng), rng)
    assert space.rebuild(dict(arch.choices)) == arch
