"""Names that other libraries and papers use, only for suggestions in error messages."""

import re
from collections.abc import Iterable, Mapping

from nas import errors

_WORDS: Mapping[str, str] = {
    # Name: its aliases, in lower case, without underscores and without a final 1d, 2d or 3d.
    "linear": "dense fc fullyconnected",
    "conv": "convolution",
    "depthwise_conv": "dwconv",
    "separable_conv": "sepconv",
    "mbconv": "invertedresidual",
    "basic_block": "resblock residualblock",
    "shuffle": "channelshuffle",
    "max_pool": "maxpooling",
    "avg_pool": "averagepool averagepooling avgpooling meanpool",
    "global_avg_pool": "gap globalaveragepool globalaveragepooling globalavgpooling",
    "global_max_pool": "gmp globalmaxpooling",
    "batch_norm": "bn batchnormalization",
    "layer_norm": "ln layernormalization",
    "group_norm": "gn groupnormalization",
    "silu": "swish",
    "hardswish": "hswish",
    "hardsigmoid": "hsigmoid",
    "leaky_relu": "lrelu",
    "identity": "skip skipconnect skipconnection none noop passthrough",
    "zero": "none zeroize",
    "augment": "augmentation dataaugmentation transforms randaugment trivialaugment",
    "log_mel": "melspectrogram logmelspectrogram melspec spectrogram fbank filterbank mfcc",
    "spectrogram_mask": "specaugment timemasking frequencymasking",
    "attention": "mha multiheadattention selfattention",
    "feed_forward": "ffn mlp",
    "transformer_block": "transformerencoderlayer transformerlayer encoderlayer",
    # Arguments.
    "width": "outchannels channels filters numfilters planes outplanes dim embeddim embeddingdim dmodel outfeatures",
    "units": "outfeatures neurons hiddensize features outputs width",
    "kernel": "kernelsize filtersize poolsize window",
    "groups": "numgroups",
    "heads": "numheads nhead",
    "expansion": "expandratio expansionratio",
    "p": "rate prob probability droprate",
    "rate": "samplerate samplingrate sr",
    "mels": "nmels nummels melbins nummelbins nfilters",
    "window_ms": "winlength windowlength windowsize window",
    "hop_ms": "hoplength hopsize hop stride",
    "vocabulary": "numembeddings vocab vocabsize",
    "patch": "patchsize",
    "size": "outputsize resolution height",
    "channels": "width",
    "lr": "learningrate",
    "epochs": "numepochs",
    # Keys.
    "space": "searchspace",
    "input": "inputshape inputsize shape",
    "outputs": "classes numclasses nclasses numoutputs noutputs",
    "limits": "constraints bounds",
    "define": "definitions defs blocks",
    "layers": "network model architecture backbone numlayers",
    "parameters": "params args arguments",
    "choice": "oneof options select choose",
    "repeat": "times stack",
    "of": "body",
    "residual": "shortcut",
    "parallel": "branches",
    "when": "if condition where",
}

ALIASES: Mapping[str, tuple[str, ...]] = {
    alias: tuple(name for name, row in _WORDS.items() if alias in row.split())
    for words in _WORDS.values()
    for alias in words.split()
}
"""The names that each alias may stand for, the likeliest first."""

NOTHING = ("activation", "softmax")
"""Words that are similar to names but mean none of them."""


def nearest(name: str, names: Iterable[str]) -> str:
    """The one of `names` that is probably meant by `name`, or an empty string."""
    known, plain = list(names), _plain(name)
    same = {_plain(one): one for one in reversed(known)}
    meant = [same[plain]] if plain in same else [one for one in ALIASES.get(plain, ()) if one in known]
    if meant or plain in NOTHING:
        return meant[0] if meant else ""
    return errors.nearest(name, known)


def _plain(name: str) -> str:
    """`conv` for `nn.Conv2d` and for `conv(width=8)`."""
    word = re.match(r"(?:torch\.)?(?:nn\.)?([\w-]*)", name)
    return re.sub(r"[123]d$|[_-]", "", word[1].lower()) if word else name
