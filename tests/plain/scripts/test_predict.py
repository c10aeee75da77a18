"""The script that predicts, with the arrays of its own module: names of several inputs, and what it says."""

from pathlib import Path

import pytest

from nas.plain.scripts import predict
from nas.plain.scripts.samples import Samples


def test_names_of_several_inputs(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    folder, file = str(tmp_path), str(tmp_path / "a.png")
    assert predict.named(folder, Samples(["a.png", "b/c.png"], [1, 2])).names == [
        f"{folder}/a.png",
        f"{folder}/b/c.png",
    ]
    assert predict.named(file, Samples(["a.png"], [1])).names == [file]
    assert predict.named(file, Samples(["line 1"], [1])).names == [f"{file}: line 1"]


def test_the_command_says_what_it_takes(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, code in ((["--help"], 0), ([], 2)):
        with pytest.raises(SystemExit) as end:
            predict.main(arguments)
        assert end.value.code == code
    said = capsys.readouterr()
    assert "python predict.py INPUT..." in said.out
    assert max(map(len, said.out.splitlines())) <= 120
    assert "the following arguments are required: INPUT" in said.err
