"""Tables declared in YAML: from CSV and NPZ, and all that can be wrong with them, with its place."""

from pathlib import Path

import numpy as np
import pytest

from nas.errors import SpecError
from nas.tabular import load_table
from nas.tabular.lookup import Tabular
from nas.tabular.table import Table
from nas.testing import check_evaluator

SPACE = """
name: toy
input: [4]
outputs: 2
layers:
  - {name: act, choice: [relu, gelu]}
  - choice:
      none: identity
      fc: {linear: {units: {choice: [4, 8]}}}
    name: fc
  - name: bias
    linear: {units: outputs, bias: {choice: [true, false]}}
"""
CSV = """act,kind,units,bias,one,two,test,time,lat
relu,none,,true,50,60,55,10,1.5
gelu,fc,4,true,61,63,62,20,2.5
gelu,fc,8,false,70,,69,30,
"""
YAML = """table:
  name: toy-mnist-5
  space: space.yaml
  file: results.csv
  architecture:
    act: act
    fc: kind
    fc.fc.linear.units: units
    bias.linear.bias: bias
  epochs: 5
  percent: true
  val_acc: [one, two]
  test_acc: test
  seconds: time
  extra: {latency_ms: lat}
  source: made by hand
"""


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("space.yaml").write_text(SPACE)
    Path("results.csv").write_text(CSV)


def load(text: str = YAML) -> Table:
    Path("table.yaml").write_text(text)
    return load_table("table.yaml")


def problems(text: str) -> list[str]:
    with pytest.raises(SpecError) as caught:
        load(text)
    return str(caught.value).splitlines()


def test_a_table_from_csv() -> None:
    table = load()
    assert (table.name, table.epochs, table.source) == ("toy-mnist-5", (5,), "made by hand")
    assert table.runs.tolist() == [2, 2, 1]
    assert table.truths.tolist() == pytest.approx([0.55, 0.62, 0.70])
    assert table.tests is not None
    assert table.tests.tolist() == pytest.approx([0.55, 0.62, 0.69])
    assert table.space.size == 3, "kept to what the table knows"
    arch = table.architecture(1)
    check_evaluator(Tabular(table), arch, epochs=5)
    found = Tabular(table)(arch, seed=0)
    assert found["seconds"] == 20
    assert found["latency_ms"] == 2.5
    assert "latency_ms" not in Tabular(table)(table.architecture(2), seed=0)
    assert dict(arch.choices)["fc"] == "fc"
    table.check_members()


def test_curves_from_npz_with_codes() -> None:
    np.savez(
        "results.npz",
        ops=np.array([[0, 1], [1, 0]]),
        acc=np.array([[0.1, 0.2, 0.3], [0.2, 0.3, 0.4]], dtype=np.float32),
        test=np.array([0.35, 0.55]),
        other=np.zeros(7),
    )
    table = load(
        """table:
  space: space.yaml
  file: results.npz
  architecture:
    act: {column: "ops[0]", values: [gelu, relu]}
    bias.linear.bias: {column: "ops[1]", values: [true, false]}
    fc: {column: "ops[0]", values: [none, none]}
  epochs: {to: 3}
  val_acc: "acc[{place}]"
  test_acc: test
"""
    )
    assert table.name == "table"
    assert table.has_curves
    assert table.test_acc is not None
    assert np.isnan(table.test_acc[:, :, :-1]).all()
    assert table.tests == pytest.approx([0.35, 0.55])
    assert table.val_acc.shape == (2, 1, 3)
    assert Tabular(table)(table.architecture(0), epochs=2, seed=0)["val_acc_curve"] == pytest.approx((0.1, 0.2))
    assert dict(table.members.choices(0)) == {"act": "gelu", "fc": "none", "bias.linear.bias": False}


def test_epochs_in_the_names_of_columns_and_a_space_by_name(tables: Path) -> None:
    codes = np.array([[0, 1, 2, 3, 4, 0], [0] * 6])
    np.savez("r.npz", c=codes, a_4=np.array([0.5, 0.6]), a_8=np.ones(2))
    ops = "[none, skip_connect, nor_conv_1x1, nor_conv_3x3, avg_pool_3x3]"
    edges = ("0-1", "0-2", "1-2", "0-3", "1-3", "2-3")
    lines = "\n".join(f"    normal.{edge}: {{column: 'c[{k}]', values: {ops}}}" for k, edge in enumerate(edges))
    table = load(
        "table:\n  space: nasbench201\n  outputs: 100\n  file: r.npz\n  curves: false\n  epochs: [4, 8]\n"
        f"  architecture:\n{lines}\n  val_acc: ['a_{{epoch}}']\n"
    )
    assert table.space.output == (100,)
    assert table.truths.tolist() == [1, 1]
    assert not table.curves
    assert table.space.size == 2


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("  file: results.csv\n", "", "table.yaml:2:3: table: 'file' is missing"),
        ("table:", "tabel:", "neither a table nor a file"),
        ("  epochs: 5", "  epoch: 5", "table.yaml:10:3: table: no such key: 'epoch'"),
        ("epochs: 5", "epochs: [5, 4]", "table.yaml:10:11: table.epochs: "),
        ("epochs: 5", "epochs: none", "table.yaml:10:11: table.epochs: a value does not fit"),
        ("epochs: 5", "epochs: [0]", "table.yaml:10:11: table.epochs: these are not epochs"),
        ("percent: true", "percent: 1", "table.yaml:11:12: table.percent: a value does not fit"),
        ("percent: true", "percent: false", "val_acc is 50, expected a fraction in [0, 1]"),
        ("space: space.yaml", "space: spaec.yaml", "table.yaml:3:10: table.space: spaec.yaml: there is no such file"),
        ("space: space.yaml", "space: nasbench202", "table.yaml:3:10: table.space: no space of Archwright is named"),
        ("space: space.yaml", 'space: ""', "table.yaml:3:10: table.space: no space of Archwright is named"),
        ("file: results.csv", 'file: ""', "table.yaml:4:9: table.file: .: there is no such file"),
        ("file: results.csv", "file: result.csv", "table.yaml:4:9: table.file: result.csv: there is no such file"),
        ("act: act", "atc: act", "table.yaml:6:5: table.architecture.atc: the space toy has no decision 'atc'"),
        ("act: act", "act: atc", "table.yaml:6:10: table.architecture.act: results.csv has no column 'atc'"),
        ("act: act", "act: kind", "results.csv line 2: no such option: 'none'"),
        ("act: act", "act: {column: act, values: [tanh]}", "values are a list of options"),
        ("act: act", "act: {colum: act}", "no such key: 'colum'"),
        ("    fc: kind\n", "", "results.csv line 2 is not a member of toy: fc: this decision is missing"),
        ("[one, two]", "[one, tow]", "table.yaml:12:18: table.val_acc: results.csv has no column 'tow'"),
        ("[one, two]", "act", "table.val_acc: results.csv line 2: act is not a number (expected a number, got 'relu')"),
        ("[one, two]", "[3]", "table.val_acc: a column is a name"),
        ("epochs: 5", "epochs: [5, 9]", "table.val_acc: one column for several epochs"),
        ("{latency_ms: lat}", "{test_acc_200: test}", "'test_acc_200' cannot be an extra metric"),
        ("{latency_ms: lat}", "[lat]", "table.extra: expected a mapping from metrics to columns"),
        (
            "architecture:\n    act: act",
            "architecture: {}\n  hidden: {x: act, y: lat}\n  x:\n    act: act",
            "no such key: 'x'",
        ),
    ],
)
def test_what_can_be_wrong_in_the_declaration(old: str, new: str, expected: str) -> None:
    text = YAML.replace(old, new, 1)
    if "tabel" in new:
        with pytest.raises(Exception, match=r"this is not a known table"):
            load(text)
        return
    assert any(expected in line for line in problems(text)), problems(text)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("50,60", ",", "row 0: val_acc is NaN in every run"),
        ("50,60", "nan,nan", "row 0: val_acc is NaN in every run"),
        ("50,60", "inf,60", "line 2: one is infinite"),
        ("gelu,fc,8", "gelu,fc,16", "line 4: no such option: '16'"),
        ("gelu,fc,8", "gelu,none,8", "line 4 is not a member of toy"),
        ("gelu,fc,8", "gelu,fc", "line 4 has 8 values, expected 9"),
        (CSV, "act,kind,units,bias,one,two,test,time,lat\n", "there are no rows"),
        (CSV, "", "the file is empty"),
        ("one,two", "one,one", "the column 'one' occurs twice"),
    ],
)
def test_what_can_be_wrong_in_the_data(old: str, new: str, expected: str) -> None:
    Path("results.csv").write_text(CSV.replace(old, new, 1))
    found = problems(YAML)
    assert any(expected in line for line in found), found
    assert all(line.startswith("table.yaml:") for line in found)


def test_numbers_may_be_written_as_other_numbers() -> None:
    Path("results.csv").write_text(CSV.replace("fc,4,", "fc,4.0,").replace("fc,8,", "fc,8e0,"))
    assert [dict(choices).get("fc.fc.linear.units") for choices in load().members] == [None, 4, 8]
    Path("results.csv").write_text(CSV.replace("fc,4,", "fc,4.5,"))
    assert "line 3: no such option: '4.5' (expected 4, 8)" in problems(YAML)[0]
    units = np.array([np.nan, 4, 8])  # as pandas has a column of integers with a gap
    kinds, biases = np.array(["none", "fc", "fc"]), np.array([True, True, False])
    np.savez("r.npz", a=np.array([0.0, 1, 1]), k=kinds, u=units, b=biases, acc=np.array([0.5, 0.6, 0.7]))
    architecture = "{act: {column: a, values: [relu, gelu]}, fc: k, fc.fc.linear.units: u, bias.linear.bias: b}"
    table = load(f"table: {{space: space.yaml, file: r.npz, architecture: {architecture}, val_acc: acc}}")
    assert [dict(choices).get("fc.fc.linear.units") for choices in table.members] == [None, 4, 8]
    assert [dict(choices)["act"] for choices in table.members] == ["relu", "gelu", "gelu"]


def test_percentages_are_not_fractions() -> None:
    Path("results.csv").write_text("act,kind,units,bias,one,two,test,time,lat\nrelu,none,,true,0.5,0.625,0.55,10,1.5\n")
    (found,) = problems(YAML)
    assert "table.percent: the accuracies are fractions (expected percentages, or false, got 0.5 to 0.625)" in found
    assert load(YAML.replace("percent: true", "percent: false")).truths.tolist() == [0.5625]


@pytest.mark.parametrize("key", ["val_acc", "test_acc"])
def test_a_column_counts_once(key: str) -> None:
    old, new = ("val_acc: [one, two]", "val_acc: [one, one]") if key == "val_acc" else ("_acc: test", "_acc: two")
    (found,) = problems(YAML.replace(old, new))
    assert f"table.{key}: the column " in found
    assert "is already run 1 of val_acc" in found or "is already run 2 of val_acc" in found


DUPLICATES = CSV + "relu,none,,true,52,,58,14,2.5\n" * 2 + "gelu,fc,4,true,,65,61,,\n"


def test_rows_that_decide_the_same_are_named() -> None:
    Path("results.csv").write_text(DUPLICATES)
    one, other = problems(YAML)
    assert "results.csv line 2, results.csv line 5 and results.csv line 6 are the same architecture" in one
    assert "results.csv line 3 and results.csv line 7 are the same architecture" in other
    assert "`duplicates: runs` if these are runs of one architecture" in one
    Path("results.csv").write_text(DUPLICATES + "relu,none,,true,52,,58,14,2.5\n" * 9)
    assert "results.csv line 16 (12 in all) are the same" in problems(YAML)[0]
    with pytest.raises(SpecError, match="the meaning of rows with the same decisions"):
        load(YAML + "  duplicates: means\n")


def test_rows_that_decide_the_same_as_runs() -> None:
    Path("results.csv").write_text(DUPLICATES)
    table = load(YAML + "  duplicates: runs\n")
    assert table.runs.tolist() == [4, 3, 1]
    assert table.val_acc[:, :, 0] == pytest.approx(
        np.array([[0.5, 0.6, 0.52, 0.52], [0.61, 0.63, 0.65, np.nan], [0.7, np.nan, np.nan, np.nan]]), nan_ok=True
    )
    assert table.seconds is not None
    assert table.seconds[:, :, 0].tolist()[0] == [10, 10, 14, 14], "each run has the seconds of its row"
    assert np.isnan(table.seconds[1, 2:, 0]).all()
    assert table.tests == pytest.approx([(55 + 58 + 58) / 300, (62 + 61) / 200, 0.69])
    assert table.extra["latency_ms"] == pytest.approx(np.array([(1.5 + 2.5 + 2.5) / 3, 2.5, np.nan]), nan_ok=True)
    assert table.space.size == 3


def test_all_problems_are_told_at_once() -> None:
    text = YAML.replace("epochs: 5", "epochs: [5, 4]").replace("act: act", "atc: act").replace("two", "tow")
    assert len(problems(text)) == 1, "of the declaration, before its columns are looked at"
    text = YAML.replace("[one, two]", "[oen, act]").replace("lat}", "late}")
    assert len(problems(text)) == 3
    np.savez("r.npz", act=np.array(["relu", "gelu"]), acc=np.zeros(3))
    text = "table: {space: space.yaml, file: r.npz, architecture: {act: act}, val_acc: acc}"
    assert "r.npz: acc has 3 values (expected 2, as many as the columns before it)" in problems(text)[0]


def test_problems_of_the_space() -> None:
    Path("space.yaml").write_text(SPACE.replace("gelu", "gleu"))
    assert any(line.startswith("space.yaml:6:") for line in problems(YAML))
