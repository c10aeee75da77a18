"""The commands, their options and their help."""

import subprocess
import sys
from typing import Any

import typer

from nas.cli import app
from tests.cli.conftest import Command

COMMANDS: dict[str, tuple[list[str], list[str]]] = {
    "search": (
        ["config", "overrides"],
        [
            "--accept-changes",
            "--address",
            "--allow-code",
            "--cache",
            "--device",
            "--executor",
            "--json",
            "--minutes",
            "--out",
            "--quiet",
            "--resume",
            "--seed",
            "--trials",
            "--workers",
            "-q",
        ],
    ),
    "compare": (["comparison"], ["--jobs", "--json", "--out", "--quiet", "--resume", "--seeds", "-q"]),
    "proxies": (
        ["space"],
        [
            "--data",
            "--device",
            "--evaluator",
            "--json",
            "--path",
            "--quiet",
            "--seed",
            "--study",
            "--table",
            "--trials",
            "--workers",
            "-q",
        ],
    ),
    "latency": (
        ["space"],
        ["--data", "--device", "--held-out", "--json", "--networks", "--out", "--quiet", "--seed", "--threads", "-q"],
    ),
    "describe": (["space"], ["--arch", "--data", "--draw", "--json", "--samples", "--seed"]),
    "data": (["file", "settings"], ["--json", "--no-suspects", "--out"]),
    "list": (["kind"], ["--json"]),
    "validate": (["files"], ["--json"]),
    "schema": (["kind"], []),
    "report": (["folder"], ["--allow-code"]),
    "repair": (["folder"], ["--json"]),
    "explain": (["folder"], ["--allow-code", "--json"]),
    "export": (["folder"], ["--allow-code", "--encrypt", "--formats", "--passphrase-file", "--to"]),
    "distill": (
        ["folder", "overrides"],
        [
            "--allow-code",
            "--by",
            "--generations",
            "--json",
            "--no-longer",
            "--out",
            "--quiet",
            "--seeds",
            "--student",
            "--teacher",
            "--unlabelled",
            "-q",
        ],
    ),
    "predict": (
        ["folder", "inputs"],
        ["--batch", "--device", "--format", "--on-error", "--out", "--passphrase-file"],
    ),
    "transfer": (
        ["folder", "settings"],
        [
            "--data",
            "--device",
            "--json",
            "--layer",
            "--method",
            "--no-scratch",
            "--out",
            "--passphrase-file",
            "--recipe",
            "--samples",
            "--seed",
            "--trunk-rate",
        ],
    ),
    "table list": ([], ["--json"]),
    "table show": (["source"], ["--check", "--json", "--path"]),
    "table convert": (["source", "to"], ["--name"]),
}


def test_options_are_frozen() -> None:
    group: Any = typer.main.get_command(app)
    commands = {
        f"{name} {inner}".strip(): command
        for name, each in group.commands.items()
        for inner, command in getattr(each, "commands", {"": each}).items()
    }
    found = {
        name: (
            [each.name for each in command.params if each.param_type_name == "argument"],
            sorted(text for each in command.params if each.param_type_name == "option" for text in each.opts),
        )
        for name, command in commands.items()
    }
    assert found == COMMANDS
    assert not any(each.secondary_opts for command in commands.values() for each in command.params)


def test_help_is_quick() -> None:
    """Asked for in a process of its own: no text of help needs what takes long to load."""
    code = f"""
import sys
from nas.cli import main
for arguments in (["--help"], *([*name.split(), "--help"] for name in {list(COMMANDS)!r})):
    sys.argv = ["nas", *arguments]
    try:
        main()
    except SystemExit as end:
        assert not end.code
heavy = {{"torch", "optuna", "sqlalchemy", "sklearn", "scipy", "matplotlib", "numpy"}}
print("loaded:", sorted(heavy & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.endswith("loaded: []\n")
    assert not done.stderr
    for name in COMMANDS:
        assert f"Usage: nas {name} " in done.stdout


def test_no_arguments_show_the_help(nas: Command) -> None:
    done = nas()
    assert done.code == 2
    assert all(name.split()[0] in done.out + done.err for name in COMMANDS)
