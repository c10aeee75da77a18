"""What the driver sends to the server of workers: the evaluator, wherever its code is."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from nas.driver.executors.executor import Job
from nas.driver.executors.workers import Workers
from nas.errors import UsageError
from nas.settings.code import Code
from nas.space import Architecture
from nas.trial import Metrics
from tests.driver.executors.finishing import finish

Jobs = Callable[..., Job]


def test_an_evaluator_that_cannot_be_pickled_is_an_error_that_says_what_to_do(job: Jobs) -> None:
    def local(arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        return {}

    with Workers(local, 1) as workers, pytest.raises(UsageError, match=r"cannot be sent .*local.*workers: in_process"):
        workers.submit(job(0))


def test_the_users_own_code_is_found_in_its_file(job: Jobs, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "class Own:\n    def __call__(self, arch, *, epochs, seed):\n        return {'val_acc': 0.75}\n"
    )
    with Workers(Code.named("mine.py:Own", tmp_path).load()(), 1) as workers:
        assert finish(workers, job(0))[0].outcome == {"val_acc": 0.75}


SCRIPT = """
import nas

class Own:
    def __call__(self, arch, *, epochs, seed):
        return {"val_acc": 0.75}

def main():
    space = nas.parse_space("{input: [4], layers: [{linear: {units: 1}}]}")
    print([trial.score for trial in nas.search("random", Own(), space=space, trials=2, workers=1)])

"""


@pytest.mark.parametrize("guarded", [True, False])
def test_an_evaluator_of_a_script(tmp_path: Path, guarded: bool) -> None:
    path = tmp_path / "script.py"
    path.write_text(SCRIPT + ('if __name__ == "__main__":\n    main()\n' if guarded else "main()\n"))
    ended = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, check=False)
    if guarded:
        assert (ended.stdout, ended.stderr, ended.returncode) == ("[0.75, 0.75]\n", "", 0)
    else:
        assert ended.returncode == 1
        assert 'put its calls under `if __name__ == "__main__":`' in ended.stderr
