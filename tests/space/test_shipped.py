"""The space files that come with Archwright."""

from pathlib import Path

import pytest

from nas.errors import UsageError
from nas.space import shipped
from nas.space.shipped import found_space, space_file, space_names, spaces_folder


def test_they_are_in_the_repository_once() -> None:
    root = Path(__file__).parents[2]
    assert spaces_folder() == root / "search_spaces"
    assert not list((root / "nas").rglob("nasbench*.yaml"))
    assert space_file("nasbench201") == root / "search_spaces" / "nasbench201.yaml"


def test_an_installed_package_has_them_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "PACKAGE", tmp_path / "nas")
    with pytest.raises(UsageError, match=r"are neither in .* nor beside it"):
        spaces_folder()
    (tmp_path / "nas" / "search_spaces").mkdir(parents=True)
    assert spaces_folder() == tmp_path / "nas" / "search_spaces"


def test_names() -> None:
    with pytest.raises(UsageError, match=r"no space of Archwright is named 'nasbench202'.*did you mean 'nasbench201'"):
        space_file("nasbench202")
    with pytest.raises(UsageError, match="no space"):
        space_file("../pyproject")
    assert "nasbench201" in space_names()


def test_a_file_comes_before_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert found_space(Path("digits_cnn")) == space_file("digits_cnn")
    Path("digits_cnn").touch()
    assert found_space(Path("digits_cnn")) == Path("digits_cnn")


def test_what_is_neither_a_file_nor_a_name(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no space of Archwright is named 'digit_cnn'; .*did you mean 'digits_cnn'"):
        found_space(Path("digit_cnn"))
    with pytest.raises(UsageError, match=r"digits_cnn.yaml: there is no such file; did you mean 'digits_cnn', a space"):
        found_space(tmp_path / "digits_cnn.yaml")
    with pytest.raises(UsageError, match=r"qq.yml: there is no such file$"):
        found_space(tmp_path / "qq.yml")
