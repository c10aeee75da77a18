"""Who may import whom, what an import loads, and that every public name is there and is explained."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FunctionType

import pytest

import nas

ROOT = Path(nas.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))

# A unit is a module or a package directly below `nas`, or a package within one that has a row of its own. It may import
# itself and what stands here; a new unit needs a row. Imports inside functions and under TYPE_CHECKING count as well.
MAY_IMPORT: Mapping[str, str] = {
    "errors": "",
    "tables": "",
    "marks": "",
    "modality": "",
    "collector": "",
    "interrupt": "",
    "stillness": "",
    "output": "",
    "document": "errors",
    "files": "errors",
    "sealed": "errors files",
    "manifest": "errors files sealed",
    "archive": "errors",
    "extras": "errors",
    "encrypted": "archive errors extras",
    "pickles": "errors",
    "findings": "errors",
    "signatures": "",
    "arguments": "errors signatures",
    "containment": "errors interrupt",
    "accounting": "errors extras",
    "ops": "arguments errors marks modality tables",
    "space": "arguments collector document errors ops",
    "space/reading": "arguments document errors modality ops space",
    "space/drawing": "arguments ops space",
    "trial": "arguments errors space",
    "objectives": "arguments errors trial",
    "events": "trial",
    "reported": "errors trial",
    "settings": "arguments document errors files marks space/reading",
    "arrays": "arguments errors",
    "descent": "",
    "tasks": "arguments arrays errors trial",
    "formatting": "ops tasks",
    "data": "arguments arrays errors extras files formatting interrupt modality ops pickles tables tasks",
    "data/augmentation": "data errors modality ops",
    "data/sources": "archive arguments arrays data errors settings tasks",
    "data/inputs": "archive arguments arrays data errors",
    "baselines": "data errors formatting ops tasks",
    "plain": "data data/inputs errors",
    "network_files": "",
    "model": "arguments errors ops space tasks",
    "knowledge": "arguments data errors interrupt model ops",
    "distillation": "arguments data data/augmentation data/inputs descent document errors files interrupt manifest "
    "marks model network_files ops sealed settings tasks",
    "training": "accounting arguments containment data data/augmentation descent distillation errors files interrupt "
    "marks model ops settings space tasks",
    "hardware": "arguments collector containment data errors events files interrupt model ops sealed settings "
    "space stillness training trial",
    "evaluate": "arguments containment data data/augmentation document errors files hardware model ops reported sealed "
    "settings space space/reading tasks training trial",
    "controllers": "arguments descent errors evaluate files interrupt objectives settings space tables trial",
    "driver": "arguments collector containment errors events files interrupt objectives ops reported sealed "
    "settings space stillness trial",
    "folders": "arguments driver errors files manifest",
    "explanation": "arguments controllers interrupt space trial",
    "tabular": "archive arguments document errors files ops pickles settings space trial",
    "statistics": "errors",
    "final": "arguments controllers data distillation errors evaluate events files formatting interrupt knowledge "
    "manifest model network_files objectives ops plain reported sealed space statistics tasks training trial",
    "simulation": "arguments controllers data driver errors evaluate files interrupt objectives space tabular "
    "training trial",
    "correlation": "arguments controllers data driver errors evaluate events formatting settings space "
    "statistics tabular training trial",
    "analysis": "errors formatting settings simulation space/drawing statistics tasks",
    "event_texts": "events ops tasks trial",
    "progress": "event_texts events objectives output trial",
    "pages": "formatting ops trial",
    "pages/run": "baselines data errors explanation final formatting hardware objectives ops pages settings space "
    "space/drawing tasks trial",
    "pages/comparison": "analysis errors files formatting pages simulation statistics",
    "data_summary": "arguments baselines data data/augmentation errors formatting interrupt pages tasks",
    "comparison": "analysis archive arguments controllers document driver errors events evaluate files findings "
    "folders interrupt manifest pages/comparison sealed settings simulation space statistics tabular training",
    "runs": "arguments baselines controllers data document driver errors evaluate events explanation files final "
    "findings folders hardware interrupt manifest model network_files objectives pages/run reported sealed settings "
    "space space/reading tasks training trial",
    "prediction": "arguments data data/inputs encrypted errors folders interrupt manifest model network_files runs "
    "sealed tasks training",
    "handover": "arguments data encrypted errors evaluate extras files formatting hardware interrupt manifest modality "
    "model network_files pages/run plain prediction runs tasks training trial",
    "reuse": "arguments data errors final formatting handover interrupt model ops prediction space tasks training",
    "students": "arguments data distillation document errors evaluate events final formatting handover interrupt "
    "manifest model pages/run runs settings space statistics tasks training trial",
    "privacy": "accounting arguments data distillation errors evaluate handover interrupt model runs space statistics "
    "training",
    "repairs": "arguments comparison errors folders runs",
    "schema": "comparison controllers data distillation document driver errors evaluate files folders hardware "
    "modality ops runs settings space space/reading",
    "file_kinds": "comparison document errors runs schema settings space space/reading tabular",
    "check": "document errors file_kinds",
    "cli": "analysis check comparison correlation data data_summary distillation driver encrypted errors evaluate "
    "file_kinds files handover hardware interrupt output pages/run prediction progress repairs reuse runs settings "
    "space space/drawing space/reading students tabular tasks training",
    "testing": "controllers document errors evaluate ops reported space trial",
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
        "controllers/backends/optuna_history.py",
        "controllers/backends/optuna_samplers.py",
        "controllers/backends/optuna_snapshot.py",
        "controllers/optuna_controller.py",
        "driver/controller_sampler.py",
        "driver/database.py",
        "driver/identity.py",
        "driver/log.py",
        "driver/new_file.py",
        "driver/optuna_study.py",
        "driver/rows.py",
        "driver/stored_trial.py",
        "runs/tuner.py",
    },
    "sqlalchemy": {"driver/database.py", "driver/new_file.py", "driver/rows.py", "driver/stored_trial.py"},
    "cryptography": {"encrypted.py"},
    "filelock": {"driver/lock.py"},
    "PIL": {"data/preparation/decoding.py", "data/preparation/opened_images.py"},
    "matplotlib": {
        "data_summary/samples/drawn.py",
        "pages/axes.py",
        "pages/comparison/curves_plot.py",
        "pages/comparison/log_axis.py",
        "pages/comparison/matrix_plot.py",
        "pages/comparison/plot.py",
        "pages/comparison/ranks_plot.py",
        "pages/comparison/rows_plot.py",
        "pages/figure.py",
        "pages/run/chances_plot.py",
        "pages/run/confusion_plot.py",
        "pages/run/curves_plot.py",
        "pages/run/decision_rows.py",
        "pages/run/history_plot.py",
        "pages/run/importance_plot.py",
        "pages/run/residuals_plot.py",
        "pages/run/trade_off.py",
        "pages/run/values_plot.py",
    },
    "jinja2": {"pages/render.py"},
    "typer": {
        f"cli/{name}.py"
        for name in (
            "app",
            "comparisons",
            "data",
            "distillations",
            "exports",
            "files",
            "latency",
            "lists",
            "predictions",
            "proxies",
            "repairs",
            "runs",
            "tables",
            "transfers",
        )
    },
    "scipy": {
        *(f"statistics/{name}.py" for name in ("effect", "estimate", "power", "ranks", "significance", "survival")),
        "explanation/importance.py",
        "explanation/prediction.py",
        "hardware/measure_operators.py",
        "baselines/features.py",
        "controllers/gp.py",
        "controllers/backends/acquisition.py",
        "controllers/backends/learning_curves.py",
        "controllers/backends/scores.py",
        "controllers/backends/surrogate.py",
        "data/preparation/quantiles.py",
        "data/preparation/sounds.py",
        "reuse/probe.py",
    },
    "ray": {"driver/executors/ray_bridge.py"},
    "opacus": {"accounting.py"},
    "pickle": {"driver/executors/wire.py", "pickles/unpickle.py"},
}

HEAVY = (
    "torch",
    "optuna",
    "sqlalchemy",
    "sklearn",
    "scipy",
    "matplotlib",
    "safetensors",
    "pyarrow",
    "PIL",
    "datasets",
    "pandas",
)


@dataclass(frozen=True)
class Import:
    """`from module import name`, or `import module` with an empty name."""

    file: str
    line: int
    module: str
    name: str = ""

    def __str__(self) -> str:
        return f"nas/{self.file}:{self.line} imports {self.name or self.module} of {self.module}"


@cache
def imports_of(path: Path) -> Sequence[Import]:
    return tuple(_read(path))


def _read(path: Path) -> Iterator[Import]:
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


def unit_of(path: str) -> str:
    """The unit of a file, given relative to `nas`: the innermost that has a row."""
    parts = path.removesuffix(".py").split("/")
    return next((unit for n in (2, 1) if (unit := "/".join(parts[:n])) in MAY_IMPORT), parts[0])


def module_of(found: Import) -> str:
    """What an import of ours loads, relative to `nas`: the file, or else the folder of its package."""
    for dotted in (f"{found.module}.{found.name}", found.module):
        path = dotted.removeprefix("nas.").replace(".", "/")
        if (ROOT / f"{path}.py").exists():
            return f"{path}.py"
        if (ROOT / path).is_dir():
            return f"{path}/__init__.py"
    return "__init__.py"


def imports() -> Iterator[tuple[str, Import, str]]:
    """Each import of ours: the file, the import, and the file that it loads."""
    for path in FILES:
        for found in imports_of(path):
            if found.module.split(".")[0] == "nas" and path != ROOT / "__init__.py":
                yield found.file, found, module_of(found)


def layers(file: str) -> set[str]:
    """The units that a file may import. The `__init__` of a package also gathers names from the units within it."""
    unit = unit_of(file)
    within = {other for other in MAY_IMPORT if other.startswith(f"{unit}/") and file == f"{unit}/__init__.py"}
    return {unit, *MAY_IMPORT[unit].split(), *within}


def test_every_unit_has_a_row() -> None:
    assert {unit_of(path.relative_to(ROOT).as_posix()) for path in FILES} - {"__init__"} == set(MAY_IMPORT)


def test_the_table_has_no_cycle() -> None:
    below: set[str] = set()
    for unit, row in MAY_IMPORT.items():
        assert set(row.split()) <= below, f"{unit} stands above what it imports"
        below.add(unit)


def test_layers() -> None:
    wrong = [
        str(found)
        for file, found, loaded in imports()
        if unit_of(loaded) not in layers(file) and (found.module, found.name) not in PROTOCOLS.get(unit_of(file), set())
    ]
    assert not wrong


def test_rows_name_what_is_imported_and_no_more() -> None:
    used = {unit: set[str]() for unit in MAY_IMPORT}
    for file, found, loaded in imports():
        if (found.module, found.name) not in PROTOCOLS.get(unit_of(file), set()):
            used[unit_of(file)].add(unit_of(loaded))
    assert {
        unit: set(row.split()) - used[unit] for unit, row in MAY_IMPORT.items() if set(row.split()) - used[unit]
    } == {}


def test_no_files_import_each_other_in_a_circle() -> None:
    graph = {path.relative_to(ROOT).as_posix(): set[str]() for path in FILES}
    for file, _, loaded in imports():
        graph[file].add(loaded)
    assert [file for file in graph if file in _reached(graph, file)] == []


def _reached(graph: Mapping[str, Set[str]], start: str) -> set[str]:
    found, remaining = set[str](), [start]
    while remaining:
        new = graph[remaining.pop()] - found
        found |= new
        remaining.extend(new)
    return found


@pytest.mark.parametrize("package", WRAPPED)
def test_wrapped_packages(package: str) -> None:
    users = {found.file for path in FILES for found in imports_of(path) if found.module.split(".")[0] == package}
    assert users == WRAPPED[package]


def test_test_helpers_stay_out_of_the_package() -> None:
    names = {found.module.split(".")[0] for path in FILES for found in imports_of(path)}
    assert not names & {"pytest", "hypothesis", "dill", "joblib", "importlib_metadata"}


PRIVATE = re.compile(r"_[a-z]\w*")
OF_OTHERS = {"_exit", "_replace", "_asdict", "_fields", "_prior_weight"}
"""Of named tuples, of `os`, and of Optuna."""


def test_tests_use_no_private_names() -> None:
    """Names that are not public may change without a test noticing; only an object itself uses its own."""
    found = []
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names: list[str] = []
            line = getattr(node, "lineno", 0)
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) not in ("self", "cls", "super()"):
                names = [node.attr]
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("nas"):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("nas."):
                names = node.value.split(".")
            found += [f"{path.name}:{line}: {name}" for name in names if PRIVATE.fullmatch(name)]
    assert [one for one in found if one.split(": ")[1] not in OF_OTHERS] == []


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
        "nas.driver.search",
        "nas.training",
        "nas.evaluate",
        "nas.runs.config",
        "nas.pages.run",
    )
    found = loaded_after("nas", "nas.errors", "nas.cli", *light, "nas.runs.run")
    for name in ("nas", "nas.errors"):
        assert not set(found[name]) & {*HEAVY, "numpy", "pydantic", "yaml", "rich", "typer"}, name
    assert not set(found["nas.cli"]) & {*HEAVY, "numpy", "pydantic", "yaml"}
    for name in (*light, "nas.runs.run"):
        assert not set(found[name]) & set(HEAVY), name


def test_trainings_controllers_and_reports_load_neither_the_compiler_of_torch_nor_scikit_learn() -> None:
    """They take longer to load than many a training; scikit-learn is for the metrics that only it computes."""
    code = """
import sys
import nas
from nas.training.fit import fit
from nas.training.workbench import Workbench
data = nas.load_data("digits")
layers = "layers: [{conv: {width: 2}}, flatten, {linear: {units: outputs}}]"
arch = nas.parse_space(layers, input=data.shape, outputs=10).rebuild({})
import numpy as np
from nas.controllers.backends.q_network import QNetwork
network = QNetwork(2, units=2, lr=0.1, double=True, sync=1, seed=0)
vectors, yes = np.zeros((1, 2), dtype=np.float32), np.ones((1, 2), dtype=bool)
ends = {"rewards": np.zeros(1), "ends": yes[0, :1], "later": vectors, "legal": yes, "weights": np.ones(1)}
network.learn(states=vectors, actions=np.zeros(1, dtype=int), **ends)
for optimizer in ("adamw", "sgd"):
    fit(Workbench(data, device="cpu"), arch, nas.Recipe(epochs=1, optimizer=optimizer, l1=0.1), seed=0)
from nas.explanation.importance import chance_level
chance_level(2, 40)
print(*(name for name in ("torch._dynamo", "torch._inductor", "sklearn", "scipy.stats") if name in sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == []


def test_a_search_loads_nothing_of_comparisons() -> None:
    rooms = tuple(f"nas.{room}" for room in ("comparison", "simulation", "analysis", "statistics", "pages.comparison"))
    code = f"import sys, nas.runs.run; print(*(name for name in sys.modules if name.startswith({rooms})))"
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


def test_each_source_file_has_a_file_of_tests() -> None:
    tests = Path(__file__).parent
    wanted = {path.relative_to(ROOT).with_name(f"test_{path.name}") for path in FILES if not path.stem.startswith("__")}
    assert not sorted(str(path) for path in wanted if not (tests / path).is_file())
