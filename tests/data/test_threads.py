"""Work that several threads do."""

import threading

import pytest

from nas.data.threads import in_threads, processors


@pytest.mark.parametrize("threads", [1, 3])
def test_all_the_work_is_done_and_the_first_error_is_raised(threads: int) -> None:
    done: set[int] = set()
    in_threads(done.add, range(0, 50, 10), threads=threads)
    assert done == {0, 10, 20, 30, 40}

    def fail(start: int) -> None:
        if start >= 20:
            raise ValueError(str(start))

    with pytest.raises(ValueError, match=r"^20$"):
        in_threads(fail, range(0, 50, 10), threads=threads)


def test_a_single_piece_of_work_needs_no_thread() -> None:
    names: list[str] = []
    in_threads(lambda _: names.append(threading.current_thread().name), [7], threads=4)
    assert names == [threading.current_thread().name]
    assert processors() >= 1
