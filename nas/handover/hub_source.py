"""The file of an export with which the package huggingface_hub loads and pushes a network."""

SOURCE = '''"""The network of model.py as a model of the Hugging Face Hub.

    model = HubModel.from_pretrained(folder)  # or the name of a repository
    model.push_to_hub("name/of-a-repository")
"""

import shutil
from pathlib import Path

from huggingface_hub import PyTorchModelHubMixin
from model import Model
from safetensors.torch import save_file


class HubModel(Model, PyTorchModelHubMixin):
    """The network, which is saved and pushed with all files of the folder of this one."""

    def _save_pretrained(self, save_directory: Path) -> None:
        weights = {name: tensor.contiguous() for name, tensor in self.state_dict().items()}
        save_file(weights, save_directory / "model.safetensors", metadata={"format": "pt"})
        for path in Path(__file__).parent.iterdir():
            if path.is_file() and not (save_directory / path.name).exists():
                shutil.copyfile(path, save_directory / path.name)
'''
