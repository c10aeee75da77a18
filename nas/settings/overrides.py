"""Values that are given on the command line, in place of those of a file: `budget.trials=20`."""

from nas.document import Node, parse_document
from nas.errors import Mark, Problem, SpecError


def override(node: Node, text: str) -> Node:
    """The tree with one value replaced, or added. Raises SpecError if `text` is not `key=value`."""
    key, equals, value = text.partition("=")
    mark = Mark(f"argument {text!r}")
    if not equals or not all(key.split(".")):
        raise SpecError([Problem(mark, "", "this is no override", "key=value, as in budget.trials=20")])
    new = parse_document(value, mark.file) if value else Node(None, mark)

    def put(node: Node, path: list[str]) -> Node:
        if not path:
            return new
        if isinstance(node.value, list) and path[0].isdecimal() and int(path[0]) < len(node.value):
            place = int(path[0])
            items = [*node.value[:place], put(node.value[place], path[1:]), *node.value[place + 1 :]]
            return Node(items, node.mark)
        children = dict(node.value) if isinstance(node.value, dict) else {}
        keys = {**node.keys}
        keys.setdefault(path[0], mark)
        children[path[0]] = put(children.get(path[0], Node(None, mark)), path[1:])
        return Node(children, node.mark, keys)

    return put(node, key.split("."))
