"""The names that the files of users contain: keys, settings, metrics and files of folders.

A renamed one breaks the files of users: it is a decision, and belongs in the changelog. The options of the command are
frozen in `test_cli.py`, the public names of the package in `test_init.py`.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import is_dataclass
from typing import Any, get_args, get_origin

from nas.comparison.config import ComparisonConfig
from nas.comparison.folder import LAYOUT as COMPARISON_LAYOUT
from nas.controllers import CONTROLLERS
from nas.data import DATASETS
from nas.distillation.by_path import ByPath
from nas.driver.executors.named import EXECUTORS
from nas.evaluate import EVALUATORS, PROXIES
from nas.hardware import HARDWARE_METRICS
from nas.ops import MERGES, OPS
from nas.runs.config import RunConfig
from nas.runs.folder import LAYOUT as RUN_LAYOUT
from nas.settings import HIDDEN, OneOf, Registry, Setting, Tagged
from nas.settings.signature import keys_of, members_of, unannotated
from nas.space.reading.cells import CELL_KEYS
from nas.space.reading.keywords import KEYWORDS
from nas.space.reading.load import TOP_KEYS
from nas.space.reading.place import DATA_WORDS
from nas.space.reading.purpose import PURPOSE_KEYS
from nas.space.reading.sequences import DROPOUT_KEYS, STEP_KEYS
from nas.space.reading.values import VALUES_KEYS
from nas.tabular import TABLES
from nas.tasks import METRICS, TASKS

RUN_FILE = """
    run: space data evaluator task objectives hardware device precision threads name controller budget executor workers
        window order limits cache winner final baseline seed
    run.objectives: metric direction limit
    run.hardware: metrics batch threads operators
    run.budget: trials epochs minutes patience target
    run.limits: seconds memory_gib
    run.final: top seeds join ensemble tune recipe epochs batch_size optimizer lr schedule warmup momentum weight_decay
        l1 clip_norm loss label_smoothing focal_gamma class_weights drop_path ema swa patience monitor compile augment
        distill privacy
    run.final.augment: shift flip crop rotate policy operations magnitude brightness contrast saturation speed noise
        gain swap token_dropout cutout erase time_mask mixup cutmix
    run.final.distill: teacher by task_weight view unlabelled
    run.final.privacy: epsilon delta noise input_range
    run.final.distill.unlabelled.inverted: count seed steps batch_size lr statistics total_variation l2 shift flip
    run.final.distill.unlabelled.noise: count seed
    run.final.distill.by.gradient: weight warmup schedule distance of directions
    run.final.distill.by.memory: weight warmup schedule layers distance
    run.final.distill.by.mutual: weight warmup schedule peers
    run.final.distill.by.response: weight warmup schedule temperature
    run.final.distill.by.decoupled: weight warmup schedule temperature alpha beta
    run.final.distill.by.standardised: weight warmup schedule temperature
    run.final.distill.by.hints: weight warmup schedule layers at
    run.final.distill.by.attention: weight warmup schedule layers at
    run.final.distill.by.relational: weight warmup schedule layers distance angle
    run.final.distill.by.contrastive: weight warmup schedule layers dimensions negatives temperature momentum
"""

COMPARISON_FILE = """
    comparison: name controllers problems budget seeds workers order charge_controller cache delta jobs
    comparison.problems: table space data evaluator task objectives hardware device precision threads
    comparison.problems.objectives: metric direction limit
    comparison.problems.hardware: metrics batch threads operators
    comparison.budget: evaluations epochs seconds
"""

SPACE_FILE = """
    choice:
    repeat: of share
    residual: merge project
    parallel: merge project
    sequence: depth dropout
    cell: inputs nodes reads edge node edges project width stride output
    layers:
    file: name about for input outputs tokens categories rate limits define layers
    for: modality size samples
    words: outputs tokens categories features rate
    values: choice at_least at_most
    step: layers after max when last
    dropout: p every after except beyond
"""

OTHER_SETTINGS = """
    auto: path labels val_share split_seed hub config revision input target size fit channels tokens vocabulary
        min_count lower digits length pad test_share on_error skip_share storage train_images train_labels
        test_images test_labels transposed classes test path_column folder group time part ignore rate seconds
        train_inputs val_inputs val_labels test_inputs train_groups val_groups sequences text delimiter quotes
        header decimal missing encoding kinds scaling max_categories
    digits: val_share test_share split_seed
    cifar: path labels val_share split_seed
    huggingface: path hub config revision input target size fit channels tokens vocabulary min_count lower digits length
        pad val_share test_share split_seed on_error skip_share storage
    idx: path train_images train_labels test_images test_labels transposed classes val_share split_seed
    medmnist: path classes val_share split_seed
    images: path test path_column folder target group time part ignore size fit channels classes val_share
        test_share split_seed on_error skip_share storage
    npz: path train_inputs train_labels val_inputs val_labels test_inputs test_labels train_groups val_groups channels
        sequences classes val_share split_seed
    sounds: path test path_column folder rate seconds target group time part ignore classes val_share test_share
        split_seed on_error skip_share storage
    players: count generator_seed val_share test_share split_seed
    sklearn: dataset val_share test_share split_seed
    texts: path test text tokens vocabulary min_count lower digits length pad target group time part ignore
        delimiter quotes header decimal missing encoding classes val_share test_share split_seed on_error skip_share
    table: path test target group time part ignore kinds scaling max_categories delimiter quotes header decimal
        missing encoding val_share test_share split_seed on_error skip_share classes
    train: recipe epochs batch_size optimizer lr schedule warmup momentum weight_decay l1 clip_norm loss
        label_smoothing focal_gamma class_weights drop_path ema swa patience monitor compile augment distill privacy
        repeats metrics
    cross_validation: recipe epochs batch_size optimizer lr schedule warmup momentum weight_decay l1 clip_norm loss
        label_smoothing focal_gamma class_weights drop_path ema swa patience monitor compile augment distill privacy
        folds repeats split_seed metrics
    zero_cost: proxies
    local:
    ray: address num_cpus num_gpus
    nasbench201-cifar10-200: path latency
    nasbench201-cifar100-200: path latency
    nasbench201-imagenet16-120-200: path latency
    nasbench201-cifar10-12: path latency
    nasbench201-cifar100-12: path latency
    nasbench201-imagenet16-120-12: path latency
    nasbench101-cifar10: path
    nasbench_macro-cifar10: path
    naap440-cifar10: path
    metaqnn-cifar10: path
    metaqnn-svhn: path
"""

NAMES = """
    tasks: classification multilabel regression
    metrics: acc balanced_acc exact_match f1 precision recall micro_f1 hamming_loss mcc average_precision roc_auc
        log_loss brier ece rmse mae r2 loss
    hardware: latency_ms latency_spread_ms latency_batch_ms latency_batch_spread_ms peak_memory_mib energy_mj
    proxies: params macs synflow jacob_cov naswot grad_norm snip zico
"""

FOLDERS = """
    run: config.yaml space.yaml code/ study.db study.db.lock study.db.holder study.db.fault checkpoints/
        final_checkpoints/ handed_over/ search.json salvaged.json tuning.json finalists/ final.json final/
        predictions.npz diagnosis.json baselines.json report.html trials.csv manifest.json
    comparison: comparison.json units/ attempts/ results.csv results.parquet report.html plots/ comparison.json.lock
        comparison.json.holder manifest.json
"""

CONTROLLER_SETTINGS = """
    asha: controller min_epochs eta
    bananas: initial batch_size candidates parents steps longest
    bayesian_q: initial random mutants parents
    distinct: controller tries
    dqn: initial anneal epsilon updates batch_size lr units n_step double sync priority correction repeats
    early_stopping: controller threshold initial min_epochs eta
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
    attention: heads dropout mask
    augment: shift flip crop rotate policy operations magnitude brightness contrast saturation speed noise gain swap
        token_dropout cutout erase time_mask mixup cutmix
    avg_pool: kernel stride padding count_include_pad
    basic_block: width kernel stride
    batch_norm:
    bottleneck: width kernel stride reduction groups
    conv: width kernel stride padding dilation groups bias
    convnext: kernel expansion
    depthwise_conv: kernel stride padding dilation bias
    dropout: p
    elu:
    embed_categories: categories width
    embed_numbers: categories width encoding components std
    embedding: vocabulary width position mask std
    factorized_reduce: width stride
    feed_forward: expansion activation dropout mask
    flatten:
    gelu:
    global_avg_pool: mask
    global_max_pool: mask
    group_norm: groups
    gru: units layers bidirectional dropout output mask
    hardsigmoid:
    hardswish:
    identity:
    layer_norm: over
    leaky_relu: negative_slope
    linear: units bias
    log_mel: rate mels window_ms hop_ms fmin fmax floor cmn level
    lstm: units layers bidirectional dropout output mask
    max_pool: kernel stride padding
    mbconv: width kernel stride expansion activation se se_of gate groups expand_always skip
    mish:
    ngram_embedding: vocabulary width n buckets mask std
    patch_embedding: width patch position
    relu:
    relu6:
    separable_conv: width kernel stride padding dilation bias
    shuffle: groups
    sigmoid:
    silu:
    spectrogram_mask: time frequency masks
    tanh:
    transformer_block: heads expansion dropout mask
    truncate: width
    wide_conv: width kernel bias
    zero: stride
    add:
    concat:
    multiply:
"""


def settings_of(table: Mapping[str, Callable[..., Any]], supplied: Collection[str] = ()) -> Mapping[str, Sequence[str]]:
    """The settings of what a table makes."""
    without = table.supplied if isinstance(table, Registry) else supplied
    return {name: list(keys_of(factory, without)) for name, factory in table.items()}


def keys_in(declaration: type, path: str) -> Mapping[str, Sequence[str]]:
    """The keys that people write of a declaration, and of the records in it, by their paths."""
    found: dict[str, list[str]] = {path: []}
    for key in keys_of(declaration).values():
        if HIDDEN in key.metadata:
            continue
        found[path].append(key.name)
        inner = f"{path}.{key.name}"
        forms = [form for form in key.metadata if isinstance(form, OneOf)]
        tagged = [form for form in key.metadata if isinstance(form, Tagged | ByPath)]
        inside: list[Mapping[str, Sequence[str]]] = [
            {
                f"{inner}.{name}": list(keys_of(one))
                for form in tagged
                for name, one in (form.types if isinstance(form, Tagged) else form.records).items()
            }
        ]
        inside = (
            inside
            if tagged
            else [{inner: list(form.kinds)} for form in forms] or [keys_in(one, inner) for one in _records(key.type)]
        )
        for each in inside:
            for name, names in each.items():
                found.setdefault(name, []).extend(names)
    return found


def _records(hint: Any) -> Iterator[type]:
    """The dataclasses that an annotation names. The settings of a `Setting` are those of its table."""
    for member in map(unannotated, members_of(hint)):
        plain = member[0]
        if isinstance(plain, type) and is_dataclass(plain):
            yield plain
        elif get_origin(plain) is not Setting:
            for argument in get_args(plain):
                yield from _records(argument)


def rows(text: str) -> Mapping[str, Sequence[str]]:
    """`name: word word ...`, one a line; a line without a name goes on with the one before."""
    found: dict[str, list[str]] = {}
    for line in text.strip().split("\n"):
        name, colon, _ = line.strip().partition(":")
        words = line.split()
        if colon:
            found[name], words = [], words[1:]
        found[list(found)[-1]] += words
    return found


def test_keys_of_run_files() -> None:
    assert keys_in(RunConfig, "run") == rows(RUN_FILE)


def test_keys_of_comparison_files() -> None:
    assert keys_in(ComparisonConfig, "comparison") == rows(COMPARISON_FILE)


def test_keywords_of_space_files() -> None:
    beside = {name: keyword.keys for name, keyword in KEYWORDS.items()}
    within = {"file": TOP_KEYS, "cell": CELL_KEYS, "values": VALUES_KEYS, "step": STEP_KEYS, "dropout": DROPOUT_KEYS}
    within |= {"for": PURPOSE_KEYS, "words": tuple(DATA_WORDS)}
    assert {name: list(keys) for name, keys in {**beside, **within}.items()} == rows(SPACE_FILE)


def test_settings_of_controllers() -> None:
    assert settings_of(CONTROLLERS) == rows(CONTROLLER_SETTINGS)


def test_settings_of_ops_and_merges() -> None:
    assert settings_of({**OPS, **MERGES}) == rows(OP_SETTINGS)


def test_settings_of_all_else_that_has_some() -> None:
    assert {
        **settings_of(DATASETS),
        **settings_of(EVALUATORS),
        **settings_of(EXECUTORS),
        **settings_of(TABLES),
    } == rows(OTHER_SETTINGS)


def test_names_without_settings() -> None:
    tables: Mapping[str, Collection[str]] = {
        "tasks": TASKS,
        "metrics": METRICS,
        "hardware": HARDWARE_METRICS,
        "proxies": PROXIES,
    }
    assert {kind: list(names) for kind, names in tables.items()} == rows(NAMES)


def test_files_of_folders() -> None:
    folders = {"run": RUN_LAYOUT, "comparison": COMPARISON_LAYOUT}
    found = {kind: [name for part in layout.parts for name in part.names] for kind, layout in folders.items()}
    assert found == rows(FOLDERS)
