"""What is suggested for the words of other libraries."""

import pytest

from nas.controllers import CONTROLLERS
from nas.ops import MERGES, OPS
from nas.runs.config import RunConfig
from nas.settings.signature import keys_of
from nas.space.language.condition import MEASURES
from nas.space.reading.aliases import ALIASES, NOTHING, nearest
from nas.space.reading.cells import CELL_KEYS
from nas.space.reading.keywords import KEYWORDS
from nas.space.reading.load import TOP_KEYS
from nas.space.reading.sequences import DROPOUT_KEYS, STEP_KEYS
from nas.training import Recipe

LAYERS = [*KEYWORDS, *OPS]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Conv2d", "conv"),
        ("nn.Conv1d", "conv"),
        ("torch.nn.Conv2d", "conv"),
        ("conv(width=8)", "conv"),
        ("conv {width", "conv"),
        ("con", "conv"),
        ("ReLU", "relu"),
        ("relu gelu", "relu"),
        ("LeakyReLU", "leaky_relu"),
        ("SiLU", "silu"),
        ("swish", "silu"),
        ("MaxPool2d", "max_pool"),
        ("AdaptiveAvgPool2d", "adaptive_avg_pool"),
        ("GlobalAveragePooling2D", "global_avg_pool"),
        ("gap", "global_avg_pool"),
        ("BatchNorm2d", "batch_norm"),
        ("bn", "batch_norm"),
        ("LayerNorm", "layer_norm"),
        ("Linear", "linear"),
        ("Dense", "linear"),
        ("fc", "linear"),
        ("Dropout2d", "dropout"),
        ("MultiheadAttention", "attention"),
        ("TransformerEncoderLayer", "transformer_block"),
        ("skip_connect", "identity"),
        ("none", "identity"),
        ("LSTM", "lstm"),
        ("chioce", "choice"),
        ("oneOf", "choice"),
        ("softmax", ""),
        ("xyzzy", ""),
        ("", ""),
        ("?", ""),
    ],
)
def test_layers(written: str, meant: str) -> None:
    assert nearest(written, LAYERS) == meant


@pytest.mark.parametrize(
    ("written", "known", "meant"),
    [
        ("out_channels", "width kernel", "width"),
        ("filters", "width kernel", "width"),
        ("kernel_size", "width kernel", "kernel"),
        ("activation", "width dilation", ""),
        ("activation", "width activations", ""),
        ("out_features", "units bias", "units"),
        ("out_features", "width units", "width"),
        ("num_features", "", ""),
        ("rate", "p", "p"),
        ("num_classes", "outputs", "outputs"),
        ("network", " ".join(TOP_KEYS), "layers"),
        ("width", " ".join(MEASURES), "channels"),
        ("if", "conv name when", "when"),
        ("blok", "block act", "block"),
        ("Block", "block act", "block"),
    ],
)
def test_other_names(written: str, known: str, meant: str) -> None:
    assert nearest(written, known.split()) == meant


def test_what_is_suggested_exists() -> None:
    """A name that goes takes its row with it."""
    arguments = {name for op in OPS.values() for name in op.__dataclass_fields__}
    keys = {*TOP_KEYS, *STEP_KEYS, *CELL_KEYS, *DROPOUT_KEYS, *MEASURES, "when", "parameters"}
    keys |= {key for keyword in KEYWORDS.values() for key in keyword.keys}
    known = {*LAYERS, *MERGES, *CONTROLLERS, *arguments, *keys, *keys_of(RunConfig), *Recipe.__dataclass_fields__}
    assert {name for names in ALIASES.values() for name in names} <= known
    assert not set(NOTHING) & set(ALIASES)
