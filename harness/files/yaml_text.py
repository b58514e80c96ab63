"""YAML of others within bounds: plain values, no aliases that multiply, no depth that a parser cannot follow.

    load_yaml("a: [1, 2]")        # {'a': [1, 2]}
    load_yaml("a: &a [*a]")       # YamlFault: line 1: an alias stands inside what it names

Nine lines of aliases of aliases make a billion values, and whoever turns them into text fills the memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

DEEPEST = 60  # mappings and lists inside each other
MOST_CHARACTERS = 1_000_000  # of all values together, where aliases repeat some

# what the constructors of dates, numbers and sets raise for a text that is none
_CONSTRUCTING = (yaml.YAMLError, ValueError, ArithmeticError, RecursionError, TypeError, AttributeError, LookupError)


class YamlFault(ValueError):
    """Text that is no YAML, or none that is read here."""

    def __init__(self, problem: str, line: int | None = None, column: int | None = None) -> None:
        self.problem, self.line, self.column = " ".join(problem.split())[:200], line, column
        super().__init__(self.problem if line is None else f"line {line}: {self.problem}")


if TYPE_CHECKING or not yaml.__with_libyaml__:
    _Parser: Any = yaml.SafeLoader
else:
    # libyaml's events, PyYAML's composer: 60 KB of a list take 0.1 s instead of seconds, and the composer can count
    class _Parser(yaml.composer.Composer, yaml.cyaml.CParser, yaml.constructor.SafeConstructor, yaml.resolver.Resolver):
        def __init__(self, text: str) -> None:
            yaml.cyaml.CParser.__init__(self, text)
            yaml.composer.Composer.__init__(self)
            yaml.constructor.SafeConstructor.__init__(self)
            yaml.resolver.Resolver.__init__(self)


class BoundedLoader(_Parser):  # type: ignore[misc]
    """A safe loader, which counts how deep it is and how much its aliases repeat."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0
        self._aliases = False

    def compose_node(self, parent: Any, index: Any) -> Any:
        """The next node, with its weight: the characters that it has when all aliases are written out."""
        event = self.peek_event()
        self._aliases = self._aliases or isinstance(event, yaml.AliasEvent)
        self._depth += 1
        if self._depth > DEEPEST:
            raise _composer_error(f"nested more than {DEEPEST} deep", event)
        node: Any = super().compose_node(parent, index)
        self._depth -= 1
        if isinstance(event, yaml.AliasEvent):
            if not hasattr(node, "weight"):
                raise _composer_error("an alias stands inside what it names", event)
            return node
        node.weight = 1 + sum(_weight(child) for child in _children(node)) + _own(node)
        if self._aliases and node.weight > MOST_CHARACTERS:
            raise _composer_error(f"its aliases make more than {MOST_CHARACTERS:,} characters of it", event)
        return node


def load_yaml(text: str, loader: type[BoundedLoader] = BoundedLoader) -> Any:
    """The value of a YAML text: dicts, lists, text, numbers, dates; None for an empty one.

    Raises:
        YamlFault: no YAML, more than one document, too deep, aliases that multiply, or a value that cannot be.
    """
    try:
        return yaml.load(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        problem = error.problem or error.context or "cannot be read"
        raise YamlFault(problem, *((mark.line + 1, mark.column + 1) if mark else ())) from None
    except yaml.reader.ReaderError as error:  # its own message has several lines
        before = text[: error.position]
        what = f"the character U+{int(error.character):04X}"
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        raise YamlFault(f"{what} may not stand in YAML; take it out", line, column) from None
    except _CONSTRUCTING as error:
        raise YamlFault(f"a value that cannot be read: {str(error)[:100] or type(error).__name__}") from None


def _composer_error(problem: str, event: Any) -> yaml.composer.ComposerError:
    return yaml.composer.ComposerError(None, None, problem, event.start_mark)


def _children(node: Any) -> list[Any]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _own(node: Any) -> int:
    return len(node.value) if isinstance(node, yaml.ScalarNode) else 0


def _weight(node: Any) -> int:
    weight: int = node.weight
    return weight
