"""What every controller proposes, as one hash each.

The rule: a controller of the table with its defaults (and the settings of `SETTINGS`, where the defaults would make
random proposals only) proposes 40 networks of `SPACE`, one after another. Proposal n is drawn from the seed n, which is
also the seed of trial n. The score of a network is the first 8 hexadecimal digits of the SHA-256 of its choices, as a
fraction; every seventh trial fails. The hash is the first 16 digits of the SHA-256 of the proposals: choices, epochs
and parent.

A hash changes where a search with the same seed would: that is a decision, and belongs in the changelog. Three
controllers are left out. `bananas` and `bayesian_q` rank many candidates that are nearly equal, so that the last bit of
a matrix product, which depends on the processor, decides some proposals (the others were the same with the SSE, AVX2
and AVX-512 kernels of OpenBLAS and PyTorch); `optuna` proposes what the installed Optuna does.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from nas.controllers import CONTROLLERS
from nas.space import Architecture, parse_space
from nas.trial import Trial
from tests.controllers.test_controller import made

SPACE = """
input: [3, 8, 8]
outputs: 4
layers:
  - conv: {width: {choice: [4, 8]}}
  - repeat: {choice: [1, 2, 3]}
    of: [{conv: {width: {choice: [4, 8, 16]}, kernel: {choice: [1, 3]}}}, {choice: [relu, gelu]}]
  - {name: c, cell: {nodes: 2, edge: {choice: [identity, relu, tanh]}}}
  - global_avg_pool
  - linear: {units: outputs}
"""

SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "early_stopping": {"full_epochs": 4, "initial": 2, "threshold": 0.2},
    "regularized_evolution": {"population": 10, "tournament": 3},
    "nsga2": {"population": 6},
}

GOLDEN: Mapping[str, str] = {
    "asha": "6ce7897680475fe9",
    "distinct": "d040df6f2252f310",
    "dqn": "dfa36351a91ee20e",
    "early_stopping": "9110398e1a362b52",
    "gp": "b1abca934d7515d1",
    "gpt": "94e800c409dc6198",
    "grid": "12258bd80dfcdbcd",
    "hyperband": "055751911bc80fcf",
    "local_search": "a5e92d1c2ee2b1db",
    "nsga2": "3acac50d4f432b02",
    "portfolio": "1b60b379a0216c35",
    "ppo": "0ded06e96f0ef019",
    "q_learning": "00f2427403b45a0c",
    "random": "17ce03a47d701c21",
    "regularized_evolution": "5db65fc9f53557ce",
    "reinforce": "d34c5e25bb37c499",
    "successive_halving": "244456fb857a59a1",
    "warm_start": "39cdfcce5a859aca",
}


def score(arch: Architecture) -> float:
    return int(hashlib.sha256(repr(arch.choices).encode()).hexdigest()[:8], 16) / 16**8


def hash_of(name: str) -> str:
    controller = made(name, parse_space(SPACE), **SETTINGS.get(name, {}))
    proposals = []
    for number in range(40):
        proposal = controller.ask(np.random.default_rng(number))
        proposals.append((proposal.architecture.choices, proposal.epochs, proposal.parent))
        failed = number % 7 == 3
        scores = None if failed else (score(proposal.architecture),)
        controller.tell(Trial(number, proposal, number, {}, scores, 1.0, "CRASH: x" if failed else None, number))
    return hashlib.sha256(repr(proposals).encode()).hexdigest()[:16]


def test_every_controller_has_a_hash() -> None:
    assert {*GOLDEN, "bananas", "bayesian_q", "optuna"} == set(CONTROLLERS)


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_proposals(name: str) -> None:
    assert hash_of(name) == GOLDEN[name]
