"""Sounds in folders, tables and archives, and in Python."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nas.data import from_sounds, load_data
from nas.data.input_spec import InputSpec
from nas.data.sources.sounds import recognise_sounds
from nas.errors import ArgumentError, UsageError
from tests.data.sounds import tone, write_classes, write_tone


def test_a_folder_of_classes(tmp_path: Path) -> None:
    data = load_data("auto", path=write_classes(tmp_path / "tones"))
    assert data.name == "tones"
    assert data.outputs == ("high", "low")
    assert (len(data.train), len(data.val), len(data.test or ())) == (6, 2, 2)
    assert data.input == InputSpec("sound", (1, 880), rate=8000), "no sound of 0.12 s is in the training part"
    assert data.train.inputs.dtype == np.float32
    assert data.notes == (
        "tones is read as `sounds`, because it has a folder of sounds for each class",
        "The training sounds last 0.08 to 0.11 seconds and are cut or padded to 0.11",
    )
    again = load_data("sounds", path=tmp_path / "tones", seconds=0.05, rate=4000, test_share=None, storage="streamed")
    assert again.input == InputSpec("sound", (1, 200), rate=4000)
    assert again.test is None
    np.testing.assert_array_equal(again.val.inputs[:1].shape, (1, 1, 200))


def test_folders_of_parts(tmp_path: Path) -> None:
    for part in ("train", "valid", "test"):
        write_classes(tmp_path / part, each=2, suffix=".flac")
    data = load_data("auto", path=tmp_path)
    assert (len(data.train), len(data.val), len(data.test or ())) == (4, 4, 4)


def test_a_table_with_speakers(tmp_path: Path) -> None:
    lines = ["path,speaker,word"]
    for speaker in "abcd":
        for word, hz in (("no", 300), ("yes", 900)):
            write_tone(tmp_path / "clips" / f"{word}_{speaker}.wav", hz)
            lines.append(f"clips/{word}_{speaker}.wav,{speaker},{word}")
    (tmp_path / "words.csv").write_text("\n".join(lines), encoding="utf-8")
    data = load_data("auto", path=tmp_path / "words.csv", group="speaker", split_seed=1)
    assert data.outputs == ("no", "yes")
    assert data.groups is not None
    assert (len(data.train), len(data.val), len(data.test or ())) == (4, 2, 2)
    assert set(data.groups[:4]).isdisjoint(data.groups[4:])
    assert data.notes[:2] == (
        "words.csv is read as `sounds`, because it lists files of sounds",
        "The target is the last column, 'word'; `target:` names another",
    )
    (tmp_path / "words.csv").write_text("\n".join([*lines, "../secret.wav,d,no"]), encoding="utf-8")
    with pytest.raises(UsageError, match=r"line 10: the path '\.\./secret\.wav' leads out of the folder"):
        load_data("sounds", path=tmp_path / "words.csv")


def _archive(path: Path, **changes: Any) -> Path:
    clips = [tone(100 + 10 * place, 0.02 + 0.001 * place) for place in range(10)]
    arrays = {
        "audio": np.concatenate(clips),
        "offsets": np.cumsum([0, *map(len, clips)]),
        "labels": np.arange(10) % 2,
        "rate": np.array(8000),
        "groups": np.repeat(np.arange(5), 2),
        "parts": np.array(["train"] * 6 + ["val"] * 2 + ["test"] * 2),
        **changes,
    }
    np.savez(path, **{name: array for name, array in arrays.items() if array is not None})
    return path


def test_an_archive(tmp_path: Path) -> None:
    path = _archive(tmp_path / "tones.npz")
    data = load_data("auto", path=path, task="classification")
    assert (
        data.notes[0]
        == "tones.npz is read as `sounds`, because it has the arrays `audio`, `offsets`, `labels` and `rate`"
    )
    assert (len(data.train), len(data.val), len(data.test or ())) == (6, 2, 2)
    assert data.groups is not None
    assert data.groups.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert data.shape == (1, 200)
    np.testing.assert_array_equal(data.train.inputs[0, 0, 20:180], tone(100, 0.02))
    whole = load_data("sounds", path=_archive(tmp_path / "whole.npz", parts=None, groups=None), test_share=None)
    assert (len(whole.train), len(whole.val), whole.test, whole.groups) == (8, 2, None, None)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rate": None}, "there is no array 'rate'; it has audio, offsets, labels, groups, parts"),
        ({"rate": np.array(8000.5)}, "expected one integer as rate, got float64 of shape ()"),
        ({"labels": np.zeros(9)}, "expected labels of 10 sounds, got shape (9,)"),
        ({"offsets": np.array([0, 5, 3])}, "expected audio of the shape (S,), and offsets of (N + 1,) that ascend"),
        ({"audio": np.zeros((2, 3))}, "expected audio of the shape (S,), and offsets of (N + 1,) that ascend"),
        ({"parts": np.array(["train", "tast"] * 5)}, "expected parts of train, val and test, got 'tast'"),
        ({"parts": np.array(["val", "test"] * 5)}, "expected parts of train, val and test, got no train"),
    ],
)
def test_archives_that_are_none(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        load_data("sounds", path=_archive(tmp_path / "a.npz", **changes))


def test_an_archive_with_an_empty_sound(tmp_path: Path) -> None:
    offsets = np.array([0, 160, 160, 320, 480])
    path = _archive(
        tmp_path / "a.npz", audio=np.zeros(480), offsets=offsets, labels=np.array([0, 1, 1, 0]), groups=None, parts=None
    )
    with pytest.raises(UsageError, match=r"sound 1: the sound has no samples$"):
        load_data("sounds", path=path, test_share=None, val_share=0.5)


def test_corrupt_files_end_the_reading_or_are_left_out(tmp_path: Path) -> None:
    folder = write_classes(tmp_path / "tones")
    (folder / "low" / "2.wav").write_bytes(b"RIFF")
    with pytest.raises(UsageError, match=r"low/2\.wav: the sound cannot be read: "):
        load_data("sounds", path=folder)
    with pytest.raises(UsageError, match=r"^1 of 10 sounds cannot be read, and skip_share is 0\.01: .*low/2\.wav: "):
        load_data("sounds", path=folder, on_error="skip")
    data = load_data("sounds", path=folder, on_error="skip", skip_share=0.1)
    assert len(data.train) + len(data.val) + len(data.test or ()) == 9
    assert re.search(
        r"^1 of 10 sounds cannot be read and are left out: .*low/2\.wav: the sound cannot be", data.notes[0]
    )


def test_paths_of_no_sounds(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none: there is no such file or folder$"):
        load_data("sounds", path=tmp_path / "none")
    write_classes(tmp_path / "tones", each=2)
    (tmp_path / "tones" / "silence").mkdir()
    with pytest.raises(UsageError, match=r"silence: the folder of a class has no sounds \(\.wav, \.flac, \.ogg\)$"):
        load_data("sounds", path=tmp_path / "tones")
    assert recognise_sounds(tmp_path / "none") is None
    (tmp_path / "a.npz").write_bytes(b"no archive")
    assert recognise_sounds(tmp_path / "a.npz") is None


def test_sounds_in_python() -> None:
    clips = [tone(100 * (1 + place % 2), 0.02 + 0.001 * place) for place in range(10)]
    labels = ["low", "high"] * 5
    data = from_sounds(clips, labels, rate=8000, groups=np.arange(10) // 2)
    assert data.name == "sounds"
    assert data.input == InputSpec("sound", (1, 232), rate=8000)
    assert data.outputs == ("high", "low")
    assert (len(data.train), len(data.val), data.test) == (8, 2, None)
    assert data.groups is not None
    given = from_sounds(
        clips, labels, rate=8000, val=(clips[:3], labels[:3]), test=(clips[:2], labels[:2]), seconds=0.01, name="mine"
    )
    assert (len(given.train), len(given.val), len(given.test or ()), given.shape) == (10, 3, 2, (1, 80))
    with pytest.raises(UsageError, match=r"^sound 1: the sound has no samples$"):
        from_sounds([clips[0], []], ["high", "low"], rate=8000, val=(clips, labels))
    with pytest.raises(UsageError, match=r"^val_groups: there are no validation samples$"):
        from_sounds(clips, labels, rate=8000, val_groups=[1])
    with pytest.raises(ArgumentError, match="rate"):
        from_sounds(clips, labels, rate=0)
