from pathlib import Path

from nas.folders import taken


def test_the_error_names_both_ways_out_for_the_command_and_for_python() -> None:
    assert str(taken(Path("out"), "run")) == (
        "out holds a run already; --resume (resume=True) continues it, --out (out=...) names another folder"
    )
