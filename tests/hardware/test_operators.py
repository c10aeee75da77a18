"""Tables of the latencies of layers."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from nas.errors import Damaged, EvaluationFailed, UsageError
from nas.hardware.operators import EstimateError, OperatorTable, applied, read_operators
from nas.sealed import sealed
from nas.space import Architecture, parse_space

ERROR = EstimateError(networks=5, relative=0.1, bias=0.95, spearman=0.9)
KEYS = (
    "input on 1×4×4",
    "conv(width=2) on 1×4×4",
    "relu on 2×4×4",
    "add on 2×4×4 and 2×4×4",
    "flatten on 2×4×4",
    "linear(units=3) on 32",
)


@pytest.fixture(scope="module")
def arch() -> Architecture:
    layers = "[{conv: {width: 2}}, {residual: [relu]}, flatten, {linear: {units: 3}}]"
    return next(iter(parse_space(f"input: [1, 4, 4]\nlayers: {layers}")))


@pytest.fixture
def table() -> OperatorTable:
    """The n-th layer takes n milliseconds."""
    return OperatorTable({key: float(place) for place, key in enumerate(KEYS)}, 0.5, {"threads": 1}, ERROR)


def test_layers_are_known_by_what_they_compute_and_on_what(arch: Architecture) -> None:
    assert tuple(one.text for one in applied(arch)) == KEYS


def test_augmentation_is_not_in_a_network_in_use(arch: Architecture) -> None:
    layers = "[{augment: {flip: true}}, {conv: {width: 2}}, {residual: [relu]}, flatten, {linear: {units: 3}}]"
    trained = next(iter(parse_space(f"input: [1, 4, 4]\nlayers: {layers}")))
    assert list(applied(trained)) == list(applied(arch))


def test_an_estimate_is_the_sum_of_layers_with_their_overhead(arch: Architecture, table: OperatorTable) -> None:
    assert table.estimate(arch) == pytest.approx(15 + 6 * 0.5)
    rest = {key: value for key, value in table.milliseconds.items() if not key.startswith("add")}
    lacking = replace(table, milliseconds=rest)
    assert lacking.lacking(arch) == ["add on 2×4×4 and 2×4×4"]
    with pytest.raises(EvaluationFailed, match="the table of operator latencies lacks add on 2×4×4 and 2×4×4"):
        lacking.estimate(arch)


def test_a_table_is_read_as_it_was_written(table: OperatorTable, tmp_path: Path) -> None:
    path = tmp_path / "latencies.json"
    table.save(path)
    assert read_operators(path) == table
    record = json.loads(path.read_text())
    path.write_text(json.dumps({**record, "overhead": 0.25}))
    with pytest.raises(Damaged, match=r"latencies.json is corrupt: its checksum differs"):
        read_operators(path)
    with pytest.raises(UsageError, match=r"there is no file .*none\.json; `nas latency SPACE --out "):
        read_operators(tmp_path / "none.json")


@pytest.mark.parametrize("changes", [{"kind": "other"}, {"error": {}}, {"milliseconds": [1]}])
def test_another_record_is_no_table(changes: dict[str, object], table: OperatorTable, tmp_path: Path) -> None:
    path = tmp_path / "latencies.json"
    table.save(path)
    record = {key: value for key, value in json.loads(path.read_text()).items() if key != "checksum"}
    path.write_text(json.dumps(sealed({**record, **changes})))
    with pytest.raises(Damaged, match="is no table of operator latencies"):
        read_operators(path)
