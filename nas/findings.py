"""Problems of several things, collected so that all of them are reported at once."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from nas.errors import ArchwrightError, Diagnostic, Mark, SpecError, UsageError

T = TypeVar("T")


class Findings:
    """Problems in files, and other errors, such as data that cannot be read.

    Args:
        problems: problems that are known already.

    Attributes:
        problems: all problems so far, in the order in which they were found.
    """

    def __init__(self, problems: Iterable[Diagnostic] = ()) -> None:
        self.problems = list(problems)
        self._errors: list[tuple[ArchwrightError, Diagnostic]] = []

    def add(self, mark: Mark, path: str, text: str) -> None:
        """Adds a problem: its place in a file, the key, and what is wrong."""
        self.problems.append(Diagnostic(mark, path, text))

    def attempt(
        self, make: Callable[[], T], mark: Mark | Callable[[str], Mark] | None = None, path: str = ""
    ) -> T | None:
        """The result of `make`; None if it raises an error of `nas.errors`, which is collected.

        Args:
            make: a function.
            mark: the place in a file of an error that has none, or what finds it by the text of the error; None: such
                an error is raised.
            path: the key at this place.
        """
        try:
            return make()
        except SpecError as error:
            self.problems.extend(error.problems)
        except ArchwrightError as error:
            if mark is None:
                raise
            text = str(error)
            problem = Diagnostic(mark if isinstance(mark, Mark) else mark(text), path, text)
            if isinstance(error, UsageError):
                self.problems.append(problem)
            else:
                self._errors.append((error, problem))
        return None

    def end(self) -> None:
        """Raises SpecError with every problem once; a single other error is raised as it is, with its place."""
        if self.problems:
            raise SpecError(dict.fromkeys([*self.problems, *(problem for _, problem in self._errors)]))
        for error, problem in self._errors:
            raise type(error)(str(problem)) from error
