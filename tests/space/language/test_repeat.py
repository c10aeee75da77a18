"""Copies in a row, which decide each for itself or together."""

from tests.space.language.small import space_of, texts_of


def test_repeat_lets_each_copy_choose_for_itself() -> None:
    space = space_of("[{name: a, repeat: {choice: [0, 2]}, of: [{choice: [relu, gelu]}]}]")
    assert list(space.universe) == ["a.repeat", "a.0.0", "a.1.0"]
    assert [texts_of(arch) for arch in space] == [
        [],
        ["relu", "relu"],
        ["relu", "gelu"],
        ["gelu", "relu"],
        ["gelu", "gelu"],
    ]


def test_share_decides_once_for_all_copies() -> None:
    space = space_of(
        "[{name: a, repeat: {choice: [1, 3]}, share: true, "
        "of: [{linear: {units: {choice: [4, 5]}}}, {name: b, choice: [relu, gelu]}]}]"
    )
    assert space.size == 2 * 4
    for arch in space:
        copies = dict(arch.choices)["a.repeat"]
        assert isinstance(copies, int)
        assert len(arch.choices) == 3
        texts = texts_of(arch)
        assert texts == texts[:2] * copies


def test_shared_decisions_are_forgotten_where_the_repeat_ends() -> None:
    body = "repeat: 2, share: true, of: [{choice: [relu, gelu]}]"
    space = space_of(f"[{{repeat: 2, of: [{{{body}}}]}}]")
    assert space.size == 4
    assert {tuple(texts_of(arch)) for arch in space} == {
        (a, a, b, b) for a in ("relu", "gelu") for b in ("relu", "gelu")
    }


def test_a_shared_repeat_in_a_shared_repeat() -> None:
    body = "repeat: {choice: [1, 2]}, share: true, of: [{choice: [relu, gelu]}]"
    space = space_of(f"[{{repeat: 2, share: true, of: [{{{body}}}, {{choice: [tanh, silu]}}]}}]")
    assert space.size == 2 * 2 * 2
    for arch in space:
        texts = texts_of(arch)
        assert texts == texts[: len(texts) // 2] * 2


def test_a_free_repeat_in_a_shared_repeat() -> None:
    space = space_of("[{repeat: 3, share: true, of: [{repeat: 2, of: [{choice: [relu, gelu]}]}]}]")
    assert space.size == 4
    assert {tuple(texts_of(arch)) for arch in space} == {(a, b) * 3 for a in ("relu", "gelu") for b in ("relu", "gelu")}


def test_an_option_that_does_not_fit_a_later_copy_is_never_offered() -> None:
    # 8 → 4 → 2 → 1: four copies of the pooling layer do not fit, three do.
    space = space_of("[{repeat: {choice: [3, 4]}, share: true, of: [{choice: [max_pool, relu]}]}]", "[1, 8]")
    decided = [tuple(dict(arch.choices).values()) for arch in space]
    assert decided == [(3, "max_pool"), (3, "relu"), (4, "relu")]
