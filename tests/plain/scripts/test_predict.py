"""What the script that predicts says."""

import pytest

from nas.plain.scripts import predict


def test_the_command_says_what_it_takes(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, code in ((["--help"], 0), ([], 2)):
        with pytest.raises(SystemExit) as end:
            predict.main(arguments)
        assert end.value.code == code
    said = capsys.readouterr()
    assert "python predict.py INPUT..." in said.out
    assert max(map(len, said.out.splitlines())) <= 120
    assert "the following arguments are required: INPUT" in said.err
