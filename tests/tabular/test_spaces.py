"""The spaces of tables."""

from nas.tabular.spaces import shipped_space


def test_a_space_for_another_task() -> None:
    space = shipped_space("nasbench201", (3, 16, 16), 120)
    assert (space.input, space.output) == ((3, 16, 16), (120,))
    assert shipped_space("nasbench201", (3, 16, 16), 120) is space
