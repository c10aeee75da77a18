"""Tables of keys and settings in the documentation, generated from the declarations of the files.

`python -m nas.schema.reference docs/run_files.md docs/compare.md` updates each table between

    <!-- reference: run -->
    <!-- end -->
"""

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, is_dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args, get_origin

from nas.comparison import folder as comparison_folder
from nas.comparison.config import ComparisonConfig
from nas.controllers import CONTROLLERS
from nas.data import DATASETS
from nas.distillation.kinds import KINDS, about
from nas.driver.executors.named import EXECUTORS
from nas.errors import Mark
from nas.evaluate import EVALUATORS
from nas.files import write_text
from nas.folders import Check, Layout
from nas.runs import folder as run_folder
from nas.runs.config import RunConfig
from nas.schema.files import written
from nas.settings import HIDDEN, Form, Labels, Named, Registry
from nas.settings.reader import join
from nas.settings.signature import REQUIRED, Key, hints_of, keys_of, members_of, record_of, unannotated

_MARKED = re.compile(r"(<!-- reference: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def keys_table(target: Callable[..., Any], supplied: tuple[str, ...] = ()) -> str:
    """The keys of a mapping, with defaults and meanings, except those that a search supplies."""
    rows = [f"| `{path}` | {_default(key)} | {key.about} |" for path, key in _rows(target, "", supplied)]
    return "\n".join(["| key | default | |", "| --- | --- | --- |", *rows])


def settings_table(registry: Registry[Any]) -> str:
    """The entries of a registry, with their settings and defaults."""
    rows = []
    for name, factory in registry.items():
        settings = (_setting(key) for key in keys_of(factory, registry.supplied).values())
        rows.append(f"| `{name}` | {', '.join(settings)} |")
    return "\n".join(["| name | settings and defaults |", "| --- | --- |", *rows])


def kinds_table() -> str:
    """The kinds of distillation, with what they take over and the settings that not all of them have."""
    common = {"warmup", "schedule"}
    rows = []
    for name, kind in KINDS.items():
        settings = [_setting(key) for path, key in keys_of(kind, ()).items() if path not in common]
        rows.append(f"| `{name}` | {about(kind)} | {', '.join(settings)} |")
    return "\n".join(["| name | what is taken over | settings and defaults |", "| --- | --- | --- |", *rows])


def files_table(layout: Layout) -> str:
    """The files of a folder, and what they are recreated from; without those of the process that works on it."""
    shown = [part for part in layout.parts if part.check is not Check.PROCESS]
    rows = [f"| {', '.join(f'`{name}`' for name in part.names)} | {part.about} | {part.source} |" for part in shown]
    return "\n".join(["| file | | recreated from |", "| --- | --- | --- |", *rows])


TABLES: Mapping[str, Callable[[], str]] = MappingProxyType(
    {
        "run": lambda: keys_table(RunConfig),
        "comparison": lambda: keys_table(ComparisonConfig),
        "run_folder": lambda: files_table(run_folder.LAYOUT),
        "comparison_folder": lambda: files_table(comparison_folder.LAYOUT),
        "data": lambda: settings_table(DATASETS),
        **{f"data_{name}": partial(keys_table, load, DATASETS.supplied) for name, load in DATASETS.items()},
        "controllers": lambda: settings_table(CONTROLLERS),
        "distillation": kinds_table,
        "executors": lambda: settings_table(EXECUTORS),
        "evaluators": lambda: settings_table(EVALUATORS),
        "train": lambda: keys_table(EVALUATORS["train"], EVALUATORS.supplied),
        "cross_validation": lambda: keys_table(EVALUATORS["cross_validation"], (*EVALUATORS.supplied, "recipe")),
    }
)
"""The tables that a document can contain, by name."""


def updated(text: str) -> str:
    """A document with its tables updated. Raises KeyError for an unknown table."""
    return _MARKED.sub(lambda found: f"{found[1]}{TABLES[found[2]]()}\n{found[3]}", text)


def _rows(target: Callable[..., Any], path: str, supplied: tuple[str, ...] = ()) -> Iterator[tuple[str, Key]]:
    """All keys of a mapping and of nested records, with their paths.

    Keys of a record that is written inline are left out if they have their usual defaults.
    """
    for name, key in keys_of(target, supplied).items():
        here, form = join(path, name), _form(key)
        hint = get_args(unannotated(key.type)[0])[1] if isinstance(form, Labels) else key.type
        records = [record_of(one) for one in members_of(hint) if is_dataclass(record_of(one))]
        if HIDDEN in key.metadata or (key.inside and path and _is_usual(target, key)):
            continue
        if records and isinstance(form, Labels):
            for record in records:
                yield from _rows(record, join(here, "LABEL"))
        elif records and form is None:
            yield from _rows(records[0], here)
        else:
            yield here, key


def _is_usual(target: Callable[..., Any], key: Key) -> bool:
    """Whether a key of a record that is written inline has the default of this record."""
    return bool(keys_of(record_of(hints_of(target)[key.inside]))[key.name].default == key.default)


def _form(key: Key) -> Form | None:
    return next((word for word in key.metadata if isinstance(word, Form)), None)


def _default(key: Key) -> str:
    if key.default is REQUIRED:
        return "required"
    form = _form(key)
    if form is not None and form.absent(Path("run.yaml"), Mark("")) is not None:
        return "that of the file"
    default = written(key)
    return "" if default is MISSING else f"`{_yaml(default)}`"


def _setting(key: Key) -> str:
    """A setting in a few characters: `eta: 4`, `order: spread` (or `file`), or only its name."""
    default = written(key)
    if default is MISSING or default is None or isinstance(default, list):
        return f"`{key.name}`"
    form = _form(key)
    known = form.names if isinstance(form, Named) else _words(key.type)
    words = [f"`{_yaml(word)}`" for word in known if word != default]
    return f"`{key.name}: {_yaml(default)}`" + (f" (or {', '.join(words)})" if words else "")


def _words(hint: Any) -> tuple[Any, ...]:
    """The words of a `Literal`; none for other types."""
    type_ = unannotated(members_of(hint)[0])[0]
    return get_args(type_) if get_origin(type_) is Literal else ()


def _yaml(value: Any) -> str:
    """A value as YAML in one line."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_yaml(item)}" for key, item in value.items()) + "}"
    return json.dumps(value)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        path = Path(name)
        write_text(path, updated(path.read_text(encoding="utf-8")))
