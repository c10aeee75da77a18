"""How much each token of a text counts for a network: the loss without it (occlusion, Zeiler and Fergus 2014)."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from nas.data.input_spec import PADDING
from nas.interrupt import stop_if_asked
from nas.model import Network
from nas.training.workbench import Workbench

MOST_TOKENS = 80
"""Tokens of a text that are left out in turn; later ones are not tried."""


def occlusion(bench: Workbench, network: Network, tokens: NDArray[Any], target: NDArray[Any]) -> NDArray[np.float64]:
    """By how much the loss of one sample rises if a token is replaced by padding: the fall of the log probability of
    its class. Above 0: the token speaks for the right answer.

    Args:
        bench: its device and task.
        network: on this device, in evaluation mode.
        tokens: the sample, `(L,)`.
        target: its target, as in the data set.

    Returns:
        One number for each token, `(L,)`; 0 for padding, and for tokens that were not tried.
    """
    tried = np.flatnonzero(tokens != PADDING)[:MOST_TOKENS]
    texts = np.repeat(tokens[None], len(tried) + 1, axis=0)
    texts[np.arange(len(tried)) + 1, tried] = PADDING
    criterion = next(iter(bench.task.losses.values()))()
    stop_if_asked()
    with torch.inference_mode(), bench.autocast():
        inputs = torch.from_numpy(texts).to(bench.device)
        targets = torch.from_numpy(np.repeat(target[None], len(texts), axis=0)).to(bench.device)
        losses = criterion(network(inputs).float(), targets, reduction="none").double().cpu().numpy()
    found = np.zeros(len(tokens))
    found[tried] = np.nan_to_num(losses[1:] - losses[0], posinf=0.0, neginf=0.0)
    return found
