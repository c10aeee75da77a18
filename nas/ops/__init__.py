"""The ops and merges, and their tables: all names of layers in space files.

A new op is a class in a file of this folder, imported below.
"""

from collections.abc import Mapping

from nas.arguments import checked
from nas.ops.activation import ELU as ELU
from nas.ops.activation import GELU as GELU
from nas.ops.activation import Dropout as Dropout
from nas.ops.activation import Hardsigmoid as Hardsigmoid
from nas.ops.activation import Hardswish as Hardswish
from nas.ops.activation import Identity as Identity
from nas.ops.activation import LeakyReLU as LeakyReLU
from nas.ops.activation import Mish as Mish
from nas.ops.activation import ReLU as ReLU
from nas.ops.activation import ReLU6 as ReLU6
from nas.ops.activation import Sigmoid as Sigmoid
from nas.ops.activation import SiLU as SiLU
from nas.ops.activation import Tanh as Tanh
from nas.ops.attention import Attention as Attention
from nas.ops.attention import FeedForward as FeedForward
from nas.ops.attention import TransformerBlock as TransformerBlock
from nas.ops.augment import Augment as Augment
from nas.ops.category_embedding import EmbedCategories as EmbedCategories
from nas.ops.cell import FactorizedReduce as FactorizedReduce
from nas.ops.cell import Truncate as Truncate
from nas.ops.cell import Zero as Zero
from nas.ops.conv import Conv as Conv
from nas.ops.conv import DepthwiseConv as DepthwiseConv
from nas.ops.conv import SeparableConv as SeparableConv
from nas.ops.embedding import Embedding as Embedding
from nas.ops.embedding import PatchEmbedding as PatchEmbedding
from nas.ops.linear import Linear as Linear
from nas.ops.means import Mean as Mean
from nas.ops.means import MeanSigmoid as MeanSigmoid
from nas.ops.means import MeanSoftmax as MeanSoftmax
from nas.ops.merge import Add as Add
from nas.ops.merge import Concat as Concat
from nas.ops.merge import Multiply as Multiply
from nas.ops.mobile import ChannelShuffle as ChannelShuffle
from nas.ops.mobile import MBConv as MBConv
from nas.ops.ngram_embedding import NgramEmbedding as NgramEmbedding
from nas.ops.norm import BatchNorm as BatchNorm
from nas.ops.norm import GroupNorm as GroupNorm
from nas.ops.norm import LayerNorm as LayerNorm
from nas.ops.number_embedding import EmbedNumbers as EmbedNumbers
from nas.ops.op import COSTS as COSTS
from nas.ops.op import Cost as Cost
from nas.ops.op import Merge as Merge
from nas.ops.op import Op as Op
from nas.ops.op import Shape as Shape
from nas.ops.pool import AdaptiveAvgPool as AdaptiveAvgPool
from nas.ops.pool import AdaptiveMaxPool as AdaptiveMaxPool
from nas.ops.pool import AvgPool as AvgPool
from nas.ops.pool import Flatten as Flatten
from nas.ops.pool import GlobalAvgPool as GlobalAvgPool
from nas.ops.pool import GlobalMaxPool as GlobalMaxPool
from nas.ops.pool import MaxPool as MaxPool
from nas.ops.recurrent import GRU as GRU
from nas.ops.recurrent import LSTM as LSTM
from nas.ops.residual import BasicBlock as BasicBlock
from nas.ops.residual import Bottleneck as Bottleneck
from nas.ops.residual import ConvNeXt as ConvNeXt
from nas.ops.spectrogram import LogMel as LogMel
from nas.ops.spectrogram import SpectrogramMask as SpectrogramMask
from nas.ops.wide_conv import WideConv as WideConv
from nas.tables import by_name

_CLASSES = [value for value in globals().values() if isinstance(value, type)]

OPS: Mapping[str, type[Op]] = by_name(value for value in _CLASSES if issubclass(value, Op))
"""All ops by their names in space files. The arguments of ops are checked."""

MEANS: Mapping[str, type[Merge]] = by_name((Mean, MeanSigmoid, MeanSoftmax))
"""The merges that ensembles end with, which space files do not have."""

MERGES: Mapping[str, type[Merge]] = by_name(
    value for value in _CLASSES if issubclass(value, Merge) and value not in MEANS.values()
)
"""All other merges, by their names in space files."""

for _named in (*OPS.values(), *MERGES.values(), *MEANS.values()):
    checked(_named)
