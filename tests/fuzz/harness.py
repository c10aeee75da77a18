"""Hostile input for what reads files: changed valid files, read in a child that may take so much memory and time.

A test module names its targets, and calls `fuzz("tests.fuzz.test_x:TARGET", ...)`. Input number n of a target always is
the same one, whatever was read before it. `make fuzz` sets ARCHWRIGHT_FUZZ_SECONDS: then each call goes on for so long,
and from the number ARCHWRIGHT_FUZZ_FIRST on.

By hand: python -m tests.fuzz.harness MODULE:TARGET CASES [FIRST [SECONDS]]; `show(MODULE:TARGET, n)` gives input n.
"""

import contextlib
import faulthandler
import itertools
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Literal

import numpy as np

from nas.errors import ArchwrightError

ROOT = Path(__file__).parents[2]
MOST_BYTES = 500 * 2**20
MOST_SECONDS = 10
"""Processor time for one input. What is expected is a second; a slow machine shall not fail the test."""

Mutate = Callable[[bytes, Sequence[bytes], np.random.Generator], bytes]
"""One of the valid inputs, all of them, and the generator; gives the input."""


@dataclass(frozen=True)
class Target:
    """What is held against hostile input; a variable of a module that a child can import.

    Attributes:
        valid: gives inputs that are read without an error; called once in the child.
        read: reads an input. It may raise one of our errors with an exit code of `codes`, and nothing else.
        mutate: makes an input out of the valid ones.
        codes: the exit codes that refusals may have.
        most_bytes: of address space, beyond what reading the valid inputs took.
        most_seconds: of processor time, for one input.
    """

    valid: Callable[[], Sequence[bytes]]
    read: Callable[[bytes], object]
    mutate: Mutate
    codes: Sequence[int] = (2, 4)
    most_bytes: int = MOST_BYTES
    most_seconds: int = MOST_SECONDS


def fuzz(*targets: str, cases: int) -> None:
    """Reads inputs of each target, in one child for all. Fails with the first input that is not read or refused well,
    and where nothing is read or nothing refused, since then the inputs are not worth much.

    Args:
        targets: `MODULE:VARIABLE`.
        cases: how many inputs of each; ARCHWRIGHT_FUZZ_SECONDS stands above it.
    """
    seconds = float(os.environ.get("ARCHWRIGHT_FUZZ_SECONDS", 0)) / len(targets)
    first = int(os.environ.get("ARCHWRIGHT_FUZZ_FIRST", 0))
    with tempfile.TemporaryDirectory(prefix="fuzz") as folder:
        arguments = [*targets, str(cases), str(first), str(seconds)]
        # A child that dies cannot say at which input, so that is in a file before it is read.
        done = subprocess.run(
            [sys.executable, "-m", "tests.fuzz.harness", *arguments],
            check=False,
            cwd=ROOT,
            env={**os.environ, "FUZZ_FOLDER": folder, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            errors="replace",
        )
        if done.returncode:
            at = Path(folder, "at")
            where = at.read_text() if at.exists() else f"{targets[0]} -1"
            target, number = where.split()
            data = Path(folder, "input").read_bytes() if at.exists() else b""
            kept = Path(tempfile.mkdtemp(prefix="fuzz-failed-")) / f"{target.rpartition(':')[2]}-{number}"
            kept.write_bytes(data)
            reason = "" if done.returncode > 0 else f" died of {signal.Signals(-done.returncode).name}"
            raise AssertionError(
                f"input {number} of {target}{reason}, in {kept}:\n{data[:400]!r}\n{done.stdout}{done.stderr[-6000:]}"
            )
    print(done.stdout, end="")


def show(name: str, number: int) -> bytes:
    """Input `number` of a target."""
    target = _find(name)
    return _input(target, target.valid(), number)


def mutate_bytes(data: bytes, others: Sequence[bytes], rng: np.random.Generator) -> bytes:
    """One to eight changes: bits flipped, bytes set, cut, taken out, repeated, or taken from another input."""
    found = bytearray(data)
    for _ in range(int(rng.integers(1, 9))):
        size = len(found)
        if size == 0:
            break
        begin, length = int(rng.integers(size)), min(size, 1 << int(rng.integers(10)))
        match int(rng.integers(8)):
            case 0 | 1:
                found[begin] ^= 1 << int(rng.integers(8))
            case 2:
                found[begin] = (0, 1, 0x7F, 0x80, 0xFF, int(rng.integers(256)))[int(rng.integers(6))]
            case 3:
                width = (2, 4, 8)[int(rng.integers(3))]
                number = int(rng.integers(-1, 2)) if rng.random() < 0.5 else int(rng.integers(-(2**15), 2**15))
                found[begin : begin + width] = number.to_bytes(width, _either(rng), signed=True)
            case 4:
                del found[begin:]
            case 5:
                del found[begin : begin + length]
            case 6:
                found[begin:begin] = bytes(found[begin : begin + length]) * int(rng.integers(1, 5))
            case _:
                other = others[int(rng.integers(len(others)))]
                start = int(rng.integers(len(other) + 1))
                found[begin : begin + length] = other[start : start + length]
    return bytes(found)


def _either(rng: np.random.Generator) -> Literal["big", "little"]:
    return "big" if rng.random() < 0.5 else "little"


def mutate_words(words: Sequence[str]) -> Mutate:
    """Changes of text: words out of a list and pieces of other inputs, put into the place of words or beside them."""

    def mutate(data: bytes, others: Sequence[bytes], rng: np.random.Generator) -> bytes:
        if rng.random() < 0.2:
            return mutate_bytes(data, others, rng)
        lines = data.decode(errors="replace").splitlines(keepends=True)
        for _ in range(int(rng.integers(1, 5))):
            place = int(rng.integers(len(lines) or 1))
            if not lines or rng.random() < 0.15:
                extra = others[int(rng.integers(len(others)))].decode(errors="replace").splitlines(keepends=True)
                lines.insert(place, extra[int(rng.integers(len(extra)))])
            elif rng.random() < 0.1:
                del lines[place]
            else:
                lines[place] = _exchange(lines[place], words, rng)
        return "".join(lines).encode(errors="surrogatepass")

    return mutate


def _exchange(line: str, words: Sequence[str], rng: np.random.Generator) -> str:
    """A line with one of its words, or a place between two, replaced."""
    inside = line.rstrip("\n")
    cuts = [0, len(inside)]
    cuts += [i for i in range(1, len(inside)) if inside[i - 1].isalnum() != inside[i].isalnum()]
    begin, end = sorted(int(each) for each in rng.choice(cuts, 2))
    return inside[:begin] + words[int(rng.integers(len(words)))] + inside[end:] + line[len(inside) :]


def _find(name: str) -> Target:
    module, _, variable = name.partition(":")
    found = getattr(import_module(module), variable)
    assert isinstance(found, Target), name
    return found


def _input(target: Target, valid: Sequence[bytes], number: int) -> bytes:
    rng = np.random.default_rng([number])
    return target.mutate(valid[int(rng.integers(len(valid)))], valid, rng)


def _child(names: Sequence[str], cases: int, first: int, seconds: float) -> None:
    """Reads the inputs of all targets. Ends the process at the first that goes wrong."""
    folder = Path(os.environ.get("FUZZ_FOLDER") or tempfile.mkdtemp(prefix="fuzz"))
    faulthandler.enable()
    faulthandler.register(signal.SIGPROF, chain=True)  # says where, and then the process dies
    for name in names:
        target = _find(name)
        valid = target.valid()
        for data in valid:
            target.read(data)
        end = time.monotonic() + seconds
        read = refused = 0
        slowest = 0.0
        with _limited(target.most_bytes):
            for number in itertools.count(first):
                if time.monotonic() > end if seconds else number >= first + cases:
                    break
                data = _input(target, valid, number)
                (folder / "input").write_bytes(data)
                (folder / "at").write_text(f"{name} {number}")
                begin = time.process_time()
                signal.setitimer(signal.ITIMER_PROF, target.most_seconds)
                try:
                    target.read(data)
                    read += 1
                except ArchwrightError as error:
                    if error.exit_code not in target.codes:
                        raise
                    str(error).encode()
                    refused += 1
                finally:
                    signal.setitimer(signal.ITIMER_PROF, 0)
                slowest = max(slowest, time.process_time() - begin)
        print(f"{name}: {read} read, {refused} refused, the slowest in {slowest:.2f} s")
        if not (read and refused):
            sys.exit("all inputs came to the same end")


@contextlib.contextmanager
def _limited(most_bytes: int) -> Iterator[None]:
    """Limits the address space to so much above what is used now, where the system says how much that is."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    used = Path("/proc/self/statm")
    if used.exists():
        now = int(used.read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (now + most_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def main(arguments: Sequence[str]) -> None:
    names = [argument for argument in arguments if ":" in argument]
    cases, first, seconds = [*map(float, arguments[len(names) :]), 0.0, 0.0][:3]
    _child(names, int(cases), int(first), seconds)


if __name__ == "__main__":
    import_module("tests.fuzz.harness").main(sys.argv[1:])  # the module that targets know, not a second one
