"""What is known of a teacher."""

from pathlib import Path

import nas
from nas.network_files import NETWORK
from nas.runs.config import CONFIG
from nas.students.teachers import same_labels


def test_a_run_on_the_same_data_saw_the_same_labels_unless_it_joined_parts(copied: Path) -> None:
    data = nas.load_data("digits")
    assert same_labels(copied, data)
    assert not same_labels(copied, nas.load_data("digits", split_seed=1))
    assert not same_labels(copied / NETWORK, data)
    config = (copied / CONFIG).read_text()
    assert config.count("join: false") == 1
    (copied / CONFIG).write_text(config.replace("join: false", "join: true"))
    assert not same_labels(copied, data)
