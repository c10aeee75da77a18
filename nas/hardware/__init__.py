"""Latency, memory and energy of networks, measured on this machine. Importing this does not load torch.

* `settings`: the metrics, and how they are measured
* `measure`: an architecture measured
* `latency`, `memory`, `energy`: one kind of measurement each
* `operators`: tables of the latencies of layers, whose sum estimates the latency of a network
"""

from nas.hardware.settings import HARDWARE_METRICS, Hardware, asked_of_hardware, show_machine

__all__ = ["HARDWARE_METRICS", "Hardware", "asked_of_hardware", "show_machine"]
