"""The table of formats."""

from collections.abc import Mapping
from types import MappingProxyType

from nas.handover.format import Format
from nas.handover.hub_folder import HubFolder
from nas.handover.int8_model import Int8Model
from nas.handover.onnx_model import OnnxModel
from nas.handover.plain_python import PlainPython
from nas.handover.torch_program import TorchProgram

FORMATS: Mapping[str, Format] = MappingProxyType(
    {one.name: one for one in (PlainPython(), OnnxModel(), Int8Model(), TorchProgram(), HubFolder())}
)
"""The formats by name, in the order in which they are written."""
