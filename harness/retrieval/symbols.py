"""Source code -> sections along its symbols: a function, a method, a class head, what stands outside of them.

    class Cart:                     Cart         class Cart: / \"\"\"What a customer holds.\"\"\" / limit = 50
        \"\"\"What a customer holds.\"\"\"   Cart > add   def add(self, item): ...
        limit = 50
        def add(self, item): ...

Parsed by tree-sitter with each language's own grammar: wheels of a few hundred kilobytes that work offline, where the
language packs fetch grammars at run time, Pygments knows tokens but no tree, and Python's ast knows Python alone.
"""

from __future__ import annotations

import functools
import importlib
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.errors import InputError

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

_TYPESCRIPT = ("tree_sitter_typescript", "language_typescript")
_C, _CPP = ("tree_sitter_c", "language"), ("tree_sitter_cpp", "language")
GRAMMARS: Mapping[str, tuple[str, str]] = {  # file suffix -> (package, function that gives the language)
    ".py": ("tree_sitter_python", "language"),
    ".js": ("tree_sitter_javascript", "language"),
    ".jsx": ("tree_sitter_javascript", "language"),
    ".ts": _TYPESCRIPT,
    ".tsx": ("tree_sitter_typescript", "language_tsx"),
    ".go": ("tree_sitter_go", "language"),
    ".rs": ("tree_sitter_rust", "language"),
    ".java": ("tree_sitter_java", "language"),
    ".c": _C,
    ".h": _CPP,  # C headers read as C++; the reverse breaks on every class
    ".cpp": _CPP,
    ".hpp": _CPP,
    ".cs": ("tree_sitter_c_sharp", "language"),
    ".rb": ("tree_sitter_ruby", "language"),
    ".php": ("tree_sitter_php", "language_php"),
}

# node types that are symbols, by the field that names them; grammars share most of them
_NAMED = """
function_definition function_declaration generator_function_declaration function_item function_signature_item
class_definition class_declaration abstract_class_declaration class_specifier class module singleton_method method
method_definition method_declaration constructor_declaration interface_declaration enum_declaration enum_item
type_alias_declaration internal_module namespace_definition namespace_declaration struct_declaration struct_item
struct_specifier enum_specifier union_specifier trait_item trait_declaration mod_item macro_definition
record_declaration type_spec
"""
_NAME_FIELD: Mapping[str, str] = {**dict.fromkeys(_NAMED.split(), "name"), "impl_item": "type"}
_FUNCTIONS = frozenset({"arrow_function", "function_expression", "function"})  # const add = (a, b) => ...
_IDENTIFIERS = ("identifier", "field_identifier", "type_identifier", "qualified_identifier", "operator_name")
_BODILESS = frozenset({"struct_specifier", "enum_specifier", "union_specifier", "class_specifier"})  # mere mentions
_WRAPS = """
export_statement decorated_definition template_declaration type_declaration expression_statement lexical_declaration
variable_declaration
"""
_WRAPPERS = frozenset(_WRAPS.split())
_DEEPEST = 60  # nested nodes that are looked into; generated code nests without end


@dataclass(frozen=True, slots=True)
class Symbol:
    """A named stretch of lines."""

    name: str
    first: int  # line, from 0; comments directly above belong to it
    last: int  # line, included
    node: Node


def knows(suffix: str) -> bool:
    """Whether files of this kind are cut along their symbols."""
    return suffix in GRAMMARS


@functools.cache
def parser_of(suffix: str) -> Parser:
    """The parser of a kind of file. InputError where its grammar is not installed."""
    package, function = GRAMMARS[suffix]
    try:
        from tree_sitter import Language, Parser

        return Parser(Language(getattr(importlib.import_module(package), function)()))
    except ImportError as error:
        raise InputError(
            f"{suffix} files are cut along their symbols, which needs {error.name}, and it is not installed: "
            "install the package again with its dependencies, or set retrieval.code to 'text'"
        ) from None


@dataclass(frozen=True, slots=True)
class Stretch:
    """Lines of code under one symbol path, outermost first; no path outside of every symbol."""

    path: tuple[str, ...]
    text: str


def stretches(text: str, suffix: str, fits: Callable[[str], bool]) -> list[Stretch]:
    """A source file cut along its symbols; every line is in exactly one stretch.

    Args:
        suffix: of the file; one that is in GRAMMARS.
        fits: tells whether a text is small enough to stay whole, symbols within it included.
    """
    lines = text.split("\n")
    root = parser_of(suffix).parse(text.encode("utf-8")).root_node
    return list(_cut(lines, root, (0, len(lines) - 1), (), fits))


def _cut(
    lines: list[str], node: Node, span: tuple[int, int], path: tuple[str, ...], fits: Callable[[str], bool]
) -> Iterator[Stretch]:
    """Stretches of a span: what stands outside of symbols as one, then each symbol, cut further where it is large."""
    symbols = _apart(_symbols(node), span)
    loose, at = list[str](), span[0]
    for symbol in symbols:
        loose += lines[at : symbol.first]
        at = symbol.last + 1
    loose += lines[at : span[1] + 1]
    if (outside := _dedented(loose)).strip():
        yield Stretch(path, outside)
    for symbol in symbols:
        whole = _dedented(lines[symbol.first : symbol.last + 1])
        below = (*path, symbol.name)
        if fits(whole):
            yield Stretch(below, whole)
        else:
            yield from _cut(lines, symbol.node, (symbol.first, symbol.last), below, fits)


def _apart(symbols: Iterator[Symbol], span: tuple[int, int]) -> list[Symbol]:
    """Symbols in order that share no line with each other nor with the first line of what they are in."""
    neighbours: list[Symbol] = []
    for symbol in symbols:
        free_from = neighbours[-1].last + 1 if neighbours else span[0]
        if symbol.node.start_point[0] >= free_from and symbol.last <= span[1]:
            neighbours.append(Symbol(symbol.name, max(symbol.first, free_from), symbol.last, symbol.node))
    return neighbours


def _dedented(lines: list[str]) -> str:
    return textwrap.dedent("\n".join(lines)).strip("\n")


def _symbols(node: Node, depth: int = 0) -> Iterator[Symbol]:
    """The outermost symbols inside a node. Wrappers (exports, decorators, templates) belong to the symbol they wrap."""
    above: int | None = None  # first line of the comments directly above
    for child in node.named_children:
        if "comment" in child.type or child.type == "attribute_item":
            above = child.start_point[0] if above is None else above
            continue
        symbol = _wrapped(child)
        if symbol is not None:
            name, inner = symbol
            yield Symbol(name, child.start_point[0] if above is None else above, _last_line(child), inner)
        elif depth < _DEEPEST:
            yield from _symbols(child, depth + 1)
        above = None


def _last_line(node: Node) -> int:
    row, column = node.end_point
    return int(row if column or row == node.start_point[0] else row - 1)


def _wrapped(node: Node) -> tuple[str, Node] | None:
    """(name, node of the symbol) where a node is a symbol or wraps exactly one; else None."""
    name = _name(node)
    if name is not None:
        return name, node
    if node.type in _WRAPPERS:
        inner = [symbol for child in node.named_children if (symbol := _wrapped(child)) is not None]
        return inner[0] if len(inner) == 1 else None
    return None


def _name(node: Node) -> str | None:
    """The name of a symbol; None for any other node."""
    if node.type == "variable_declarator":
        value, name = node.child_by_field_name("value"), node.child_by_field_name("name")
        return _text(name) if value is not None and value.type in _FUNCTIONS and name is not None else None
    field = _NAME_FIELD.get(node.type)
    if field is None or (node.type in _BODILESS and node.child_by_field_name("body") is None):
        return None
    name_node = node.child_by_field_name(field) or _declared(node)
    if name_node is None:
        return None
    receiver = node.child_by_field_name("receiver")  # Go: func (c *Cart) Add()
    owner = next(_of_type(receiver, "type_identifier"), None) if receiver is not None else None
    return f"{_text(owner)}.{_text(name_node)}" if owner is not None else _text(name_node)


def _declared(node: Node) -> Node | None:
    """The name inside a declarator, where C and C++ put a function's: `static int *next(int x)`."""
    inner = node.child_by_field_name("declarator")
    while inner is not None and inner.type not in _IDENTIFIERS:
        inner = inner.child_by_field_name("declarator") or next(
            (child for child in inner.named_children if child.type in _IDENTIFIERS or "declarator" in child.type), None
        )
    return inner


def _of_type(node: Node, kind: str) -> Iterator[Node]:
    if node.type == kind:
        yield node
    for child in node.named_children:
        yield from _of_type(child, kind)


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", errors="replace")
