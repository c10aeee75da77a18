"""Run files: everything that one search needs, checked before anything is done.

    space: ../search_spaces/digits_cnn.yaml
    data: digits
    controller: {q_learning: {alpha: 0.1}}
    evaluator: {train: {epochs: 5}}
    budget: {trials: 60}

Parts that are looked up in a table (`data`, `controller`, `evaluator`) are a name, or a name with settings; settings
are checked against the signature of what they are for. An argument that is annotated as a `Controller`, or as a
`Sequence[Controller]`, is such a part in turn: controllers wrap controllers. docs/run_files.md is the reference.
"""

import inspect
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError

from nas.arguments import Positive, Seed, Threads, checked, expectation
from nas.controllers import CONTROLLERS, Controller
from nas.data import DATASETS, Dataset
from nas.document import ONE_WORD, Node, describe, from_object, one_word, parse_document, read_document, shortened
from nas.errors import Mark, Problem, SpecError, UsageError
from nas.evaluate import EVALUATORS, METRICS, make_proxies
from nas.space import Space, load_space
from nas.space.aliases import nearest
from nas.training import Recipe
from nas.training.device import Device, Precision
from nas.trial import Direction, Objective
from nas.winner import Winner, repeats_of

Table = Mapping[str, Callable[..., Any]]
"""Names to what makes the thing."""

GIVEN = ("space", "trials", "data", "full_epochs", "proxies")
"""Arguments that a run supplies itself, at any depth, so that no run file may."""

TOP_KEYS = (
    "name",
    "space",
    "data",
    "controller",
    "evaluator",
    "objectives",
    "budget",
    "winner",
    "final",
    "seed",
    "device",
    "precision",
    "threads",
    "recorded",
)

DEFAULTS: Mapping[str, Any] = MappingProxyType(
    {
        "controller": "bayesian_q",
        "evaluator": "train",
        "objectives": MappingProxyType({"val_acc": "maximize"}),
        "trials": 100,
        "winner": "observed",
        "top": 3,
        "epochs": 60,
        "seed": 0,
        "device": "auto",
        "precision": "auto",
        "threads": None,
    }
)
"""What is taken where a run file says nothing; `epochs` is that of `final`. Settings have theirs in signatures."""

ELSEWHERE: Mapping[str, str] = MappingProxyType(
    {
        **{field.name: f"evaluator.{DEFAULTS['evaluator']}.{field.name}" for field in fields(Recipe)},
        "trials": "budget.trials",
        "top": "final.top",
    }
)
"""Keys that people write at the top, and where they belong."""


@dataclass(frozen=True)
class Setting:
    """A name from a table with the settings given for it.

    Attributes:
        name: in the table.
        arguments: what was given; a controller that is wrapped is a Setting, several are a tuple of them.
        full: the same with the defaults.
        mark: its place.
    """

    name: str
    arguments: Mapping[str, Any]
    full: Mapping[str, Any]
    mark: Mark = field(default=Mark(""), compare=False)

    def walk(self) -> Iterator["Setting"]:
        """This setting and all those inside."""
        yield self
        for value in self.full.values():
            for one in value if isinstance(value, tuple) else (value,):
                if isinstance(one, Setting):
                    yield from one.walk()

    def make(self, table: Table, supplied: Mapping[str, Any], path: str) -> Any:
        """What the table has under this name, made with the settings.

        Args:
            table: names to functions that make the thing.
            supplied: what a run gives to everything that takes an argument of the name, at any depth.
            path: the key that this setting stands under, for errors.

        Raises:
            SpecError: something inside cannot be had; all of it is told.
            UsageError: this cannot be had.
        """
        problems: list[Problem] = []

        def make(one: Setting, where: str) -> Any:
            try:
                return one.make(table, supplied, where)
            except SpecError as error:
                problems.extend(error.problems)
            except UsageError as error:
                problems.append(Problem(one.mark, f"{where}.{one.name}", str(error)))
            return None

        arguments = {name: _each(value, make, f"{path}.{self.name}.{name}") for name, value in self.arguments.items()}
        if problems:
            raise SpecError(problems)
        return table[self.name](**self.taken(table, supplied), **arguments)

    def taken(self, table: Table, supplied: Mapping[str, Any]) -> dict[str, Any]:
        """What is taken of `supplied` by what this setting makes, not counting what is inside."""
        return {name: value for name, value in supplied.items() if _takes(table[self.name], name)}


def _each(value: Any, do: Callable[[Setting, str], Any], path: str = "") -> Any:
    """What `do` makes of the settings that an argument consists of and of their paths; other arguments as they are."""
    if isinstance(value, Setting):
        return do(value, path)
    if isinstance(value, tuple) and any(isinstance(one, Setting) for one in value):
        return tuple(do(one, f"{path}.{index}") for index, one in enumerate(value))
    return value


@checked
@dataclass(frozen=True)
class RunConfig:
    """A checked run file.

    Attributes:
        name: of the run; its folder is `runs/<name>`.
        space: path of the space file.
        data: the data set, a name from its table with settings.
        controller: what proposes architectures, likewise.
        evaluator: what scores them, likewise.
        objectives: what to search for, the most important first.
        trials: how many architectures to evaluate.
        winner: how the best are found: by their scores, by a model of them, or by repeats at the end of the budget.
        top: how many of the best are trained at full length.
        final: how these are trained.
        seed: where all randomness comes from.
        device, precision: where and in what precision networks are trained.
        threads: how many threads torch uses on the CPU; None: as many as it likes. Results repeat for the same number.
        recorded: what a finished run wrote down about itself; empty in a file written by hand.
        mark: where the file begins.
    """

    name: str
    space: Path
    data: Setting
    controller: Setting
    evaluator: Setting
    objectives: tuple[Objective, ...]
    trials: int
    winner: Winner
    top: int
    final: Recipe
    seed: int
    device: Device
    precision: Precision
    threads: int | None
    recorded: Mapping[str, Any]
    mark: Mark

    @property
    def proposed(self) -> int:
        """How many of the trials the controller proposes; the others repeat the best."""
        return self.trials - repeats_of(self.trials) if self.winner == "repeat" else self.trials

    @property
    def followed(self) -> int:
        """How many of the objectives the controller reads, counting from the first; most read one."""
        counts = (_followed(one) for one in self.controller.walk())
        return max(len(self.objectives) if count is None else min(count, len(self.objectives)) for count in counts)

    def load_data(self) -> Dataset:
        """The data set. Raises UsageError, StorageError or IntegrityError."""
        return DATASETS[self.data.name](**self.data.arguments)

    def load_space(self, data: Dataset | None = None) -> Space:
        """The space, for a data set, or for the one that the run recorded. Raises SpecError."""
        if data is not None:
            return load_space(self.space, data=data)
        recorded = self.recorded.get("data", {})
        shape = tuple(recorded["shape"]) if "shape" in recorded else None
        classes = len(recorded["classes"]) if "classes" in recorded else None
        return load_space(self.space, input=shape, classes=classes)

    def make_controller(self, space: Space, data: Dataset | None = None) -> Controller:
        """A new controller for the space; some need the data. Raises UsageError if it cannot be had."""
        supplied = {
            "space": space,
            "trials": self.proposed,
            "full_epochs": self.recipe().epochs,
            "proxies": make_proxies(data, device=self.device),
        }
        controller: Controller = self.controller.make(CONTROLLERS, supplied, "controller")
        return controller

    def recipe(self) -> Recipe:
        """How the evaluator trains."""
        return Recipe(**self.evaluator.arguments)

    def identity(self) -> dict[str, Any]:
        """What must not change between the start of a run and its resumption, as plain data. The number of trials may:
        a schedule that depends on it is that of the new number from the next proposal on."""
        return {
            "controller": {self.controller.name: plain(self.controller.full)},
            "evaluator": {self.evaluator.name: plain(self.evaluator.full)},
            "objectives": plain(self.objectives),
            "seed": self.seed,
            "threads": self.threads,
        }

    def resolved(self, *, space: str | None = None) -> dict[str, Any]:
        """The run file with every default written out; `space` replaces the path of the space file."""
        return {
            "name": self.name,
            "space": space or str(self.space),
            "data": {self.data.name: plain(self.data.full)},
            "controller": {self.controller.name: plain(self.controller.full)},
            "evaluator": {self.evaluator.name: plain(self.evaluator.full)},
            "objectives": {
                objective.metric: {
                    "direction": objective.direction,
                    **({} if objective.limit is None else {"limit": objective.limit}),
                }
                for objective in self.objectives
            },
            "budget": {"trials": self.trials},
            "winner": self.winner,
            "final": {"top": self.top, **plain(self.final)},
            "seed": self.seed,
            "device": self.device,
            "precision": self.precision,
            "threads": self.threads,
        }


@dataclass(frozen=True)
class Draft:
    """A run file as far as it could be read: what is wrong has its default.

    Attributes:
        config: what was read.
        problems: what is wrong.
        wrong: the keys that have a problem, or that are missing.
    """

    config: RunConfig
    problems: Sequence[Problem]
    wrong: frozenset[str]


@checked
def load_config(path: str | Path, overrides: Sequence[str] = ()) -> RunConfig:
    """The run file at `path`, with `key=value` overrides such as `budget.trials=20` or `controller=random`.

    An override of one objective goes to those of the file, or to the default one: `objectives.params=minimize` adds
    `params`, and `objectives={params: minimize}` puts it in their place.

    Raises:
        SpecError: the file or an override has problems; all of them are reported.
        UsageError: there is no such file.
    """
    draft = read_config(path, overrides)
    if draft.problems:
        raise SpecError(draft.problems)
    return draft.config


def read_config(path: str | Path, overrides: Sequence[str] = ()) -> Draft:
    """What `load_config` gives, with the problems beside it. Raises what `load_config` does if it is no mapping."""
    node = read_document(Path(path))
    for text in overrides:
        if text.startswith("objectives.") and isinstance(node.value, dict):
            default = from_object(DEFAULTS["objectives"], str(path))
            node = Node({"objectives": default, **node.value}, node.mark, node.keys)
        node = override(node, text)
    return Reader(Path(path)).draft(node)


def plain(value: Any) -> Any:
    """Dataclasses, mappings, tuples and paths as dicts, lists and strings; settings as a file has them, in full."""
    if isinstance(value, Setting):
        return {value.name: plain(value.full)} if value.full else value.name
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, Path) else value


def _followed(setting: Setting) -> int | None:
    """How many of a trial's scores a controller reads, wrappers aside; None: all."""
    several = getattr(CONTROLLERS[setting.name], "all_objectives", False)
    count: int | None = None if several else setting.full.get("objectives", 1)
    return count


def _takes(factory: Callable[..., object], name: str) -> bool:
    return name in inspect.signature(factory).parameters


def _taken_by(name: str, table: Table) -> str:
    """Where a setting belongs that stands in the place of a name, if something of the table has it."""
    found = next((one for one, target in table.items() if name not in GIVEN and _takes(target, name)), None)
    return f"{found}: {{{name}: ...}}" if found else ""


def override(node: Node, text: str) -> Node:
    """The tree with one value replaced, or added. Raises SpecError if `text` is not `key=value`."""
    key, equals, value = text.partition("=")
    mark = Mark(f"argument {text!r}")
    if not equals or not all(key.split(".")):
        raise SpecError([Problem(mark, "", "this is no override", "key=value, as in budget.trials=20")])
    new = parse_document(value, mark.file) if value else Node(None, mark)

    def put(node: Node, path: list[str]) -> Node:
        if not path:
            return new
        if isinstance(node.value, list) and path[0].isdecimal() and int(path[0]) < len(node.value):
            place = int(path[0])
            items = [*node.value[:place], put(node.value[place], path[1:]), *node.value[place + 1 :]]
            return Node(items, node.mark)
        children = dict(node.value) if isinstance(node.value, dict) else {}
        keys = {**node.keys}
        keys.setdefault(path[0], mark)
        children[path[0]] = put(children.get(path[0], Node(None, mark)), path[1:])
        return Node(children, node.mark, keys)

    return put(node, key.split("."))


def _unknown(mark: Mark, path: str, key: str, known: Sequence[str]) -> Problem:
    expected = ", ".join(name for name in known if name != "recorded")
    suggestion = nearest(key, known) if path or key not in ELSEWHERE else ELSEWHERE[key]
    return Problem(mark, path, f"no such key: {key!r}", expected, "", suggestion)


@cache
def _adapter(type_: Any) -> TypeAdapter[Any]:
    # A dataclass brings its own rules, so it cannot be given a configuration from outside.
    return TypeAdapter(type_) if is_dataclass(type_) else TypeAdapter(type_, config=ConfigDict(strict=True))


class Reader:
    """Reads checked values out of nodes, and `draft` a whole RunConfig; problems are collected."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[Problem] = []

    def draft(self, node: Node) -> Draft:
        value = node.value
        if not isinstance(value, dict):
            raise SpecError([Problem(node.mark, "", "a run file is a mapping", "a mapping", describe(node))])
        self.unknown(node, TOP_KEYS, "")
        missing = {"space", "data"} - set(value)
        for key in ("space", "data"):
            if key in missing:
                self.problems.append(Problem(node.mark, "", f"{key!r} is missing", got=describe(node)))
        name = self.value(value, "name", str, self.path.stem)
        if not one_word(name):
            mark = value.get("name", node).mark
            self.problems.append(Problem(mark, "name", "a name is one word", ONE_WORD, repr(shortened(name))))
        space = self.path.parent / self.value(value, "space", str, "")
        if "space" in value and isinstance(value["space"].value, str) and not space.is_file():
            self.problems.append(Problem(value["space"].mark, "space", f"there is no file {space}"))
        data = self.setting(value.get("data"), "data", DATASETS, "digits")
        if "path" in data.arguments:  # like `space`, relative to the file that names it
            absolute = (self.path.parent / data.arguments["path"]).absolute()
            if any("\ud800" <= letter <= "\udfff" for letter in str(absolute)):  # bytes that are no UTF-8
                message = "a run records the path of its data, and this one is no text"
                self.problems.append(Problem(value["data"].mark, "data", message, "UTF-8", repr(str(absolute))))
            data = replace(data, arguments={**data.arguments, "path": absolute}, full={**data.full, "path": absolute})
        controller = self.setting(value.get("controller"), "controller", CONTROLLERS, DEFAULTS["controller"])
        evaluator = self.setting(value.get("evaluator"), "evaluator", EVALUATORS, DEFAULTS["evaluator"])
        budget = self.part(value, "budget", ("trials",))
        final = self.part(value, "final", ("top", *(field.name for field in fields(Recipe))))
        recipe = {key: child for key, child in final.items() if key != "top"}
        arguments = self.arguments(Recipe, recipe, "final")
        config = RunConfig(
            name=name,
            space=space,
            data=data,
            controller=controller,
            evaluator=evaluator,
            objectives=self.objectives(value.get("objectives"), METRICS[evaluator.name]),
            trials=self.value(budget, "trials", Positive, DEFAULTS["trials"], path="budget."),
            winner=self.value(value, "winner", Winner, DEFAULTS["winner"]),
            top=self.value(final, "top", Positive, DEFAULTS["top"], path="final."),
            final=Recipe(**{"epochs": DEFAULTS["epochs"], **arguments}),
            seed=self.value(value, "seed", Seed, DEFAULTS["seed"]),
            device=self.value(value, "device", Device, DEFAULTS["device"]),
            precision=self.value(value, "precision", Precision, DEFAULTS["precision"]),
            threads=self.value(value, "threads", Threads | None, DEFAULTS["threads"]),
            recorded=self.value(value, "recorded", dict[str, Any], {}),
            mark=node.mark,
        )
        wrong = missing | {problem.path.partition(".")[0] for problem in self.problems}
        return Draft(config, tuple(self.problems), frozenset(wrong))

    def value(self, parent: Mapping[str, Node], key: str, type_: Any, default: Any, *, path: str = "") -> Any:
        """`parent[key]`, checked; the default where it is absent or wrong."""
        if key not in parent:
            return default
        value = self.checked(parent[key], type_, path + key)
        return default if value is None else value

    def checked(self, node: Node, type_: Any, path: str) -> Any:
        """The node's value as a `type_`, by pydantic's strict rules for data from text; None if it is not one."""
        try:
            return _adapter(type_).validate_json(json.dumps(node.plain()), strict=True)
        except ValidationError as error:
            for one in error.errors(include_url=False):
                inner = tuple(step for step in one["loc"] if isinstance(step, int) or not step.startswith("function"))
                wrong = node.at(inner)
                if one["type"] == "unexpected_keyword_argument":
                    known = tuple(field.name for field in fields(type_)) if is_dataclass(type_) else ()
                    *outer, key = map(str, inner)
                    mark = node.at(inner[:-1]).keys.get(key, wrong.mark)
                    self.problems.append(_unknown(mark, ".".join([path, *outer]), key, known))
                    continue
                dotted = ".".join([path, *map(str, inner)])
                problem = Problem(wrong.mark, dotted, "a value does not fit", expectation(one), describe(wrong))
                self.problems.append(problem)
            return None

    def part(self, parent: Mapping[str, Node], key: str, known: Sequence[str]) -> Mapping[str, Node]:
        if key not in parent:
            return {}
        node = parent[key]
        if not isinstance(node.value, dict):
            self.problems.append(Problem(node.mark, key, f"{key} is a mapping", ", ".join(known), describe(node)))
            return {}
        self.unknown(node, known, key)
        return {name: child for name, child in node.value.items() if name in known}

    def setting(self, node: Node | None, key: str, table: Table, default: str, *, kind: str = "") -> Setting:
        """`name`, or `name: {arguments}`; `kind` is what the names of the table are, where `key` does not say it."""
        kind = kind or ("data set" if key == "data" else key)
        name, given = default, Node({}, self.problem_mark(node))
        if node is not None and isinstance(node.value, str):
            name = node.value
        elif node is not None and isinstance(node.value, dict) and len(node.value) == 1:
            ((name, given),) = node.value.items()
        elif node is not None:
            expected = f"a name, or {{name: settings}}; names are {', '.join(table)}"
            self.problems.append(Problem(node.mark, key, f"{key} is one thing", expected, describe(node)))
            return Setting(default, {}, {})
        if name not in table:
            mark = node.keys.get(name, node.mark) if node is not None else given.mark
            message = f"no {kind} is named {name!r}"
            suggestion = _taken_by(name, table) or nearest(name, table)
            self.problems.append(Problem(mark, key, message, ", ".join(table), "", suggestion))
            return Setting(default, {}, {})
        path = f"{key}.{name}"
        if given.value is not None and not isinstance(given.value, dict):
            self.problems.append(Problem(given.mark, path, "settings are a mapping", "a mapping", describe(given)))
            return Setting(name, {}, {})
        parameters = {
            argument: parameter
            for argument, parameter in inspect.signature(table[name]).parameters.items()
            if argument not in GIVEN
        }
        children = given.value or {}
        self.unknown(Node(children, given.mark, given.keys), tuple(parameters), path)
        known = {argument: child for argument, child in children.items() if argument in parameters}
        missing = [
            argument
            for argument, parameter in parameters.items()
            if parameter.default is inspect.Parameter.empty and argument not in children
        ]
        for argument in missing:
            mark = node.mark if node is not None else given.mark
            self.problems.append(Problem(mark, path, f"the setting {argument!r} is missing"))
        arguments = self.arguments(table[name], known, path, table)
        built = Recipe() if table[name] is Recipe else None
        defaults = {
            argument: getattr(built, argument) if built else parameter.default
            for argument, parameter in parameters.items()
        }
        mark = node.keys.get(name, node.mark) if node is not None else given.mark
        return Setting(name, arguments, {**defaults, **arguments}, mark)

    def arguments(
        self, target: Callable[..., Any], children: Mapping[str, Node], path: str, table: Table | None = None
    ) -> dict[str, Any]:
        """Values checked against the types in the signature of `target`; controllers inside are names of `table`."""
        plainly = target.func if isinstance(target, partial) else target
        hints = get_type_hints(plainly.__init__ if inspect.isclass(plainly) else plainly, include_extras=True)
        found = {}
        for name, child in children.items():
            before = len(self.problems)
            where = f"{path}.{name}"
            value: Any
            if table is not None and hints[name] == Controller:
                value = self.setting(child, where, table, next(iter(table)), kind="controller")
            elif table is not None and hints[name] == Sequence[Controller]:
                value = self.settings(child, where, table)
            else:
                value = self.checked(child, hints[name], where)
            if len(self.problems) == before:
                found[name] = value
        return found

    def settings(self, node: Node, key: str, table: Table) -> tuple[Setting, ...]:
        """One controller or more."""
        if not isinstance(node.value, list) or not node.value:
            expected = "a list of one or more, each a name, or {name: settings}"
            self.problems.append(Problem(node.mark, key, "there are no controllers", expected, describe(node)))
            return ()
        default = next(iter(table))
        return tuple(
            self.setting(child, f"{key}.{index}", table, default, kind="controller")
            for index, child in enumerate(node.value)
        )

    def objectives(self, node: Node | None, metrics: Sequence[str]) -> tuple[Objective, ...]:
        """`{metric: direction}` or `{metric: {direction: ..., limit: ...}}`."""
        if node is None:
            return (Objective(),)
        if not isinstance(node.value, dict) or not node.value:
            expected = "a mapping such as {val_acc: maximize}"
            self.problems.append(Problem(node.mark, "objectives", "there is no objective", expected, describe(node)))
            return (Objective(),)
        found = []
        for metric, child in node.value.items():
            path = f"objectives.{metric}"
            inner = child.value if isinstance(child.value, dict) else {"direction": child}
            self.unknown(Node(inner, child.mark, child.keys), ("direction", "limit"), path)
            direction = self.value(inner, "direction", Direction, "maximize", path=f"{path}.")
            limit = self.value(inner, "limit", float | None, None, path=f"{path}.")
            mark = node.keys.get(metric, child.mark)
            try:
                found.append(Objective(metric, direction, limit))
            except UsageError as error:
                self.problems.append(Problem(mark, path, str(error)))
                continue
            if metric not in metrics:
                message = f"the evaluator reports no {metric!r}"
                self.problems.append(Problem(mark, path, message, ", ".join(metrics), "", nearest(metric, metrics)))
        return tuple(found)

    def unknown(self, node: Node, known: Sequence[str], path: str) -> None:
        for key in node.value if isinstance(node.value, dict) else ():
            if key not in known:
                mark = node.keys.get(key, node.mark)
                self.problems.append(_unknown(mark, path, key, known))

    def problem_mark(self, node: Node | None) -> Mark:
        return node.mark if node is not None else Mark(str(self.path))
