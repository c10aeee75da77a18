"""Who may import whom, what an import loads, and that every public name is there and is explained."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType

import pytest

import nas

ROOT = Path(nas.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))

# A unit is a module or a package directly below `nas`. It may import itself and what stands here; a new unit needs a
# row. Imports inside functions and under TYPE_CHECKING count as well.
MAY_IMPORT: Mapping[str, str] = {
    "errors": "",
    "arguments": "errors",
    "tables": "",
    "findings": "errors",
    "interrupt": "",
    "collector": "",
    "metrics": "trial errors",
    "containment": "interrupt errors",
    "document": "errors",
    "files": "errors",
    "archive": "errors",
    "ops": "arguments tables errors",
    "space": "arguments ops document collector errors",
    "trial": "arguments space errors",
    "objectives": "arguments trial errors",
    "settings": "arguments space document files errors",
    "controllers": "arguments tables objectives trial settings space files interrupt errors",
    "winner": "arguments objectives controllers ops space trial errors",
    "arrays": "arguments errors",
    "tasks": "arguments arrays trial errors",
    "data": "arguments arrays ops tasks archive settings errors",
    "model": "tasks arguments ops space errors",
    "training": "tasks arguments model data ops space containment files interrupt errors",
    "evaluate": "tasks arguments training model data settings ops space trial metrics containment errors",
    "driver": "arguments objectives settings space trial metrics containment files collector interrupt errors",
    "figures": "tasks trial",
    "final": "tasks arguments objectives figures winner driver evaluate training data model space trial files errors",
    "explanation": "arguments controllers space trial interrupt",
    "report": "tasks objectives figures explanation settings ops space trial errors",
    "output": "",
    "progress": "tasks output trial",
    "testing": "evaluate controllers data model ops space trial metrics document files errors",
    "config": "tasks arguments winner evaluate training controllers data settings space trial document files errors",
    "tabular": "arguments ops settings space trial document files archive errors",
    "comparison": "report tabular progress driver evaluate training controllers data settings space trial document "
    "files archive arguments interrupt metrics tasks findings errors",
    "by_name": "arguments controllers document driver evaluate objectives settings space trial errors",
    "prepare": "findings tasks config evaluate training controllers data model settings space errors",
    "check": "comparison tabular config prepare settings space document errors",
    "schema": "comparison config evaluate controllers data settings ops space document files errors",
    "run_folder": "arguments figures config prepare report explanation final driver evaluate training data settings "
    "space tasks trial files errors",
    "runs": "tasks arguments objectives run_folder prepare winner config progress controllers final driver evaluate "
    "training data settings space trial files interrupt errors",
    "repairs": "arguments run_folder comparison config prepare final driver files errors",
    "cli": "tasks comparison tabular check schema runs repairs run_folder prepare report progress output space files "
    "interrupt errors",
}

# The loop knows controllers and evaluators by their protocols alone.
PROTOCOLS = {
    "driver": {
        ("nas.controllers", "Controller"),
        ("nas.evaluate.evaluator", "Evaluator"),
        ("nas.evaluate.evaluator", "known_to"),
    }
}

# Packages that cost much to load, or that few modules wrap: the only files that may import them.
WRAPPED: Mapping[str, set[str]] = {
    "optuna": {
        "controllers/backends/optuna.py",
        "controllers/optuna_controller.py",
        "driver/controller_sampler.py",
        "driver/database.py",
        "driver/optuna_study.py",
        "driver/stored_trial.py",
    },
    "sqlalchemy": {"driver/database.py", "driver/stored_trial.py"},
    "filelock": {"driver/lock.py"},
    "matplotlib": {"report/plots.py", "report/trade_off.py", "report/explained_plots.py", "comparison/plots.py"},
    "jinja2": {"report/report.py", "comparison/report.py"},
    "typer": {"cli.py"},
    "scipy": {
        *(f"comparison/{name}.py" for name in ("effect", "estimate", "power", "ranks", "statistics", "survival")),
        "explanation/importance.py",
        "explanation/prediction.py",
        "controllers/gp.py",
        "controllers/backends/acquisition.py",
        "controllers/backends/scores.py",
        "controllers/backends/surrogate.py",
    },
    "pickle": {"tabular/unpickle.py"},
}

HEAVY = ("torch", "optuna", "sqlalchemy", "sklearn", "scipy", "matplotlib", "safetensors")


@dataclass(frozen=True)
class Import:
    """`from module import name`, or `import module` with an empty name."""

    file: str
    line: int
    module: str
    name: str = ""

    def __str__(self) -> str:
        return f"nas/{self.file}:{self.line} imports {self.name or self.module} of {self.module}"


def imports_of(path: Path) -> Iterator[Import]:
    file = path.relative_to(ROOT).as_posix()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(file, node.lineno, alias.name)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{file}:{node.lineno}: imports are absolute"
            assert node.module is not None
            for alias in node.names:
                yield Import(file, node.lineno, node.module, alias.name)


def unit_of(path: Path) -> str:
    first = path.relative_to(ROOT).parts[0]
    return first.removesuffix(".py")


def imported_units(found: Import) -> set[str]:
    """The units that an import of ours reaches: `nas.files`, or what is taken from `nas` itself."""
    parts = found.module.split(".")
    if parts[0] != "nas":
        return set()
    return {parts[1] if len(parts) > 1 else found.name or "nas"}


def test_every_unit_has_a_row() -> None:
    assert {unit_of(path) for path in FILES} - {"__init__"} == set(MAY_IMPORT)


def test_the_table_has_no_cycle() -> None:
    below: set[str] = set()
    remaining = {unit: set(row.split()) for unit, row in MAY_IMPORT.items()}
    while remaining:
        ready = {unit for unit, row in remaining.items() if row <= below}
        assert ready, f"a cycle in {sorted(remaining)}"
        below |= ready
        remaining = {unit: row for unit, row in remaining.items() if unit not in ready}


@pytest.mark.parametrize("unit", MAY_IMPORT)
def test_layers(unit: str) -> None:
    allowed = {unit, *MAY_IMPORT[unit].split()}
    wrong = [
        str(found)
        for path in FILES
        if unit_of(path) == unit
        for found in imports_of(path)
        if not imported_units(found) <= allowed and (found.module, found.name) not in PROTOCOLS.get(unit, set())
    ]
    assert not wrong


@pytest.mark.parametrize("package", WRAPPED)
def test_wrapped_packages(package: str) -> None:
    users = {found.file for path in FILES for found in imports_of(path) if found.module.split(".")[0] == package}
    assert users == WRAPPED[package]


def test_test_helpers_stay_out_of_the_package() -> None:
    names = {found.module.split(".")[0] for path in FILES for found in imports_of(path)}
    assert not names & {"pytest", "hypothesis", "dill", "joblib", "importlib_metadata"}


def loaded_after(*modules: str) -> Mapping[str, list[str]]:
    """Each module to the top-level packages that are loaded once it has been imported, one after the other."""
    code = (
        "import json, sys\nfrom importlib import import_module\nfound = {}\n"
        f"for name in {modules!r}:\n"
        "    import_module(name)\n"
        "    found[name] = sorted({module.partition('.')[0] for module in sys.modules})\n"
        "print(json.dumps(found))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    found: Mapping[str, list[str]] = json.loads(done.stdout)
    return found


def test_what_an_import_loads() -> None:
    light = (
        "nas.space",
        "nas.trial",
        "nas.tabular",
        "nas.controllers",
        "nas.driver.loop",
        "nas.training",
        "nas.evaluate",
        "nas.config",
        "nas.report",
    )
    found = loaded_after("nas", "nas.errors", "nas.cli", *light, "nas.runs")
    for name in ("nas", "nas.errors"):
        assert not set(found[name]) & {*HEAVY, "numpy", "pydantic", "yaml", "rich", "typer"}, name
    assert not set(found["nas.cli"]) & {*HEAVY, "numpy", "pydantic", "yaml"}
    for name in (*light, "nas.runs"):
        assert not set(found[name]) & set(HEAVY), name


def test_a_search_loads_nothing_of_comparisons() -> None:
    code = "import sys, nas.runs; print(*(name for name in sys.modules if name.startswith('nas.comparison')))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == []


@pytest.mark.parametrize("name", dir(nas))
def test_public_names_resolve_and_are_explained(name: str) -> None:
    value = getattr(nas, name)
    if isinstance(value, type | FunctionType):
        text = value.__dict__.get("__doc__") if isinstance(value, type) else value.__doc__
        assert text
        assert not text.startswith(f"{name}("), "a docstring of its own, not the signature that dataclasses put there"
        assert value.__name__ == name
    else:
        assert name.isupper() or name == "Shape", "a table, or the alias of a type, explained where it stands"
