"""Commands on tables of published results."""

import json
from pathlib import Path

import pytest

from nas.tabular import TABLES
from tests.cli.conftest import SPACE, Command

TABLE = """table:
  space: space.yaml
  file: results.csv
  architecture: {pool: pool, 2.linear.units: units}
  percent: true
  val_acc: [one, two]
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    (tmp_path / "space.yaml").write_text(SPACE)
    (tmp_path / "results.csv").write_text("pool,units,one,two\nidentity,4,50,52\navg_pool,16,60,62\n")
    (tmp_path / "table.yaml").write_text(TABLE)
    return tmp_path / "table.yaml"


def test_table_show(table: Path, nas: Command) -> None:
    done = nas("table", "show", table, "--check")
    assert (done.code, done.err) == (0, "")
    assert "rows          2\n" in done.out
    assert "val_acc       best 61.00 %, mean 56.00 %" in done.out
    assert "best          pool=avg_pool, 2.linear.units=16" in done.out
    found = json.loads(nas("table", "show", table, "--json").out)
    assert (found["rows"], found["runs"], found["epochs"]) == (2, [2, 2], [1])


def test_table_convert(table: Path, tmp_path: Path, nas: Command) -> None:
    done = nas("table", "convert", table, tmp_path / "t.npz")
    assert (done.code, done.out) == (0, f"{tmp_path}/t.npz: table, 2 rows\n")
    assert nas("table", "show", tmp_path / "t.npz").out == nas("table", "show", table).out
    done = nas("table", "convert", table, tmp_path / "t.csv")
    assert (done.code, done.err) == (2, f"nas: {tmp_path}/t.csv: the name of a table must end in .npz\n")
    (tmp_path / "t.npz").write_bytes((tmp_path / "t.npz").read_bytes()[:-40])
    done = nas("table", "show", tmp_path / "t.npz")
    assert done.code == 4
    assert done.err.startswith(f"nas: {tmp_path}/t.npz: not a NumPy archive of plain arrays")


def test_table_list(nas: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ARCHWRIGHT_TABLES", str(tmp_path))
    some = {
        name: TABLES[name] for name in ("metaqnn-svhn", "nasbench201-cifar10-200")
    }  # reading all of them takes seconds
    monkeypatch.setattr("nas.tabular.TABLES", some)
    done = nas("table", "list")
    assert (done.code, done.err) == (0, "")
    assert "metaqnn-svhn" in done.out
    assert "give path" in done.out
    found = json.loads(nas("table", "list", "--json").out)
    assert [one["name"] for one in found] == [line.split()[0] for line in done.out.splitlines()] == list(some)
    assert nas("table", "show", "nasbench201").code == 2


def test_a_declaration_is_validated(table: Path, nas: Command) -> None:
    done = nas("validate", table)
    assert (done.code, done.out) == (0, f"{table}: a valid table file (table)\n")
    table.write_text(TABLE.replace("pool: pool", "pol: pool"))
    done = nas("validate", table)
    assert done.code == 2
    assert done.err.startswith(f"{table}:4:18: table.architecture.pol: the space tiny has no decision 'pol'")
