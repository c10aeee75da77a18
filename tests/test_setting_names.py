"""The names of settings in run files and space files.

A renamed setting breaks the files of users: it is a decision, and belongs in the changelog.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nas.controllers import CONTROLLERS
from nas.ops import MERGES, OPS

SUPPLIED = ("space", "trials", "full_epochs", "proxies")

CONTROLLER_SETTINGS = """
    asha: controller min_epochs eta
    bananas: initial batch_size candidates parents steps longest
    bayesian_q: initial random mutants parents
    distinct: controller tries
    dqn: initial anneal epsilon updates batch_size lr units n_step double sync priority correction repeats
    gp: kernel initial batch_size candidates parents
    gpt: initial objective elite min_elite batch_size steps lr temperature uniform width layers heads weights
    grid: order
    hyperband: controller min_epochs eta
    local_search: initial improvement
    nsga2: population crossover mutation
    optuna: sampler settings hub objectives
    portfolio: controllers window exploration
    ppo: batch_size epochs clip lr entropy baseline_decay units tanh_constant temperature
    q_learning: alpha gamma initial_q replay memory td_lambda n_step double repeats schedule
    random:
    regularized_evolution: population tournament
    reinforce: lr batch_size baseline_decay entropy units layers
    successive_halving: controller min_epochs eta networks
    warm_start: controller proxy candidates initial
"""

OP_SETTINGS = """
    adaptive_avg_pool: size
    adaptive_max_pool: size
    attention: heads dropout
    avg_pool: kernel stride padding count_include_pad
    basic_block: width kernel stride
    batch_norm:
    bottleneck: width kernel stride reduction groups
    conv: width kernel stride padding dilation groups bias
    convnext: kernel expansion
    depthwise_conv: kernel stride padding dilation bias
    dropout: p
    elu:
    embedding: vocabulary width position
    factorized_reduce: width stride
    feed_forward: expansion activation dropout
    flatten:
    gelu:
    global_avg_pool:
    global_max_pool:
    group_norm: groups
    gru: units layers bidirectional dropout output
    hardsigmoid:
    hardswish:
    identity:
    layer_norm: over
    leaky_relu: negative_slope
    linear: units bias
    lstm: units layers bidirectional dropout output
    max_pool: kernel stride padding
    mbconv: width kernel stride expansion activation se se_of gate groups expand_always skip
    mish:
    patch_embedding: width patch position
    relu:
    relu6:
    separable_conv: width kernel stride padding dilation bias
    shuffle: groups
    sigmoid:
    silu:
    tanh:
    transformer_block: heads expansion dropout
    truncate: width
    zero: stride
    add:
    concat:
    multiply:
"""


def settings_of(table: Mapping[str, Callable[..., Any]]) -> Mapping[str, Sequence[str]]:
    """The parameters of what a table makes, without those that a run supplies."""
    return {
        name: [key for key in inspect.signature(cls).parameters if key not in SUPPLIED] for name, cls in table.items()
    }


def rows(text: str) -> Mapping[str, Sequence[str]]:
    """`name: setting setting ...`, one a line."""
    return {
        name: settings.split()
        for name, _, settings in (line.strip().partition(":") for line in text.split("\n") if line)
    }


def test_settings_of_controllers() -> None:
    assert settings_of(CONTROLLERS) == rows(CONTROLLER_SETTINGS)


def test_settings_of_ops_and_merges() -> None:
    assert settings_of({**OPS, **MERGES}) == rows(OP_SETTINGS)
