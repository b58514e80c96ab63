"""Code is cut along its symbols: every line once, each function under its path, whatever the language."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.errors import InputError
from harness.retrieval import symbols
from harness.retrieval.chunk import chunk
from harness.scenario.settings import RetrievalSettings
from harness.types import Document

pytest.importorskip("tree_sitter", reason="tree-sitter is not installed; it comes with the package's dependencies")

PYTHON = '''import os
LIMIT = 3

# how much is left
@cached
def left(total):
    return total - LIMIT


class Cart:
    """What a customer holds."""

    size = 0

    def add(self, item):
        self.size += 1

    async def pay(self):
        def receipt():
            return os.name

        return receipt()
'''
SOURCES = {  # suffix -> (source, a symbol path in it with a line of that symbol)
    ".py": (PYTHON, ("Cart", "add"), "self.size += 1"),
    ".js": (
        "// adds\nexport class A {\n m(x) {\n  return 1\n }\n}\nconst g = (x) => {\n return 2\n}\n",
        ("g",),
        "return 2",
    ),
    ".jsx": ("export function App() {\n  return <b>hi</b>\n}\n", ("App",), "return <b>hi</b>"),
    ".ts": ("export abstract class A<T> {\n m(x: number): void {\n  go()\n }\n}\n", ("A", "m"), "go()"),
    ".tsx": ("const App = (): any => {\n  return <b>hi</b>\n}\n", ("App",), "return <b>hi</b>"),
    ".go": (
        "package m\n\n// T is\ntype T struct {\n a int\n}\n\nfunc (t *T) M() int {\n return 1\n}\n",
        ("T.M",),
        "return 1",
    ),
    ".rs": ("/// Doc\nstruct S;\nimpl S {\n fn m(&self) {\n  go();\n }\n}\n", ("S", "m"), "go();"),
    ".java": (
        "package x;\n/** Doc */\npublic class A {\n int x;\n void m() {\n  x = 1;\n }\n}\n",
        ("A", "m"),
        "x = 1;",
    ),
    ".c": (
        "/* doc */\nstatic int *next(int x) {\n return 0;\n}\nstruct s *use(struct s *p) {\n return p;\n}\n",
        ("next",),
        "return 0;",
    ),
    ".h": ("int f(int x);\nclass A {\n void k() { go(); }\n};\n", ("A", "k"), "void k() { go(); }"),
    ".cpp": ("namespace n {\nclass A {\n int m();\n};\n}\nint n::A::m() {\n return 1;\n}\n", ("n::A::m",), "return 1;"),
    ".hpp": ("template <class T>\nT twice(T a) {\n return a + a;\n}\n", ("twice",), "return a + a;"),
    ".cs": (
        "namespace N {\n class A {\n  int P {get;set;}\n  void M() {\n   Go();\n  }\n }\n}\n",
        ("N", "A", "M"),
        "Go();",
    ),
    ".rb": ("module M\n class A\n  def f(x)\n   x\n  end\n end\nend\n", ("M", "A", "f"), "def f(x)"),
    ".php": ("<?php\nclass A {\n function f() {\n  go();\n }\n}\n", ("A", "f"), "go();"),
}


def one_line(text: str) -> bool:
    return text.count("\n") < 1


@pytest.mark.parametrize("suffix", SOURCES)
def test_every_line_is_in_exactly_one_stretch(suffix: str) -> None:
    source = SOURCES[suffix][0]
    stretches = symbols.stretches(source, suffix, one_line)
    lines = sorted(line.strip() for stretch in stretches for line in stretch.text.split("\n") if line.strip())
    assert lines == sorted(line.strip() for line in source.split("\n") if line.strip())


@pytest.mark.parametrize("suffix", SOURCES)
def test_a_symbol_is_found_under_its_path(suffix: str) -> None:
    source, path, line = SOURCES[suffix]
    stretches = symbols.stretches(source, suffix, one_line)
    assert any(stretch.path == path and line in stretch.text for stretch in stretches), [s.path for s in stretches]


def test_every_suffix_with_a_grammar_is_tried_here() -> None:
    assert set(SOURCES) == set(symbols.GRAMMARS)


def test_comments_and_decorators_stay_with_their_function() -> None:
    stretches = {stretch.path: stretch.text for stretch in symbols.stretches(PYTHON, ".py", one_line)}
    assert stretches["left",] == "# how much is left\n@cached\ndef left(total):\n    return total - LIMIT"
    assert stretches["Cart", "pay", "receipt"] == "def receipt():\n    return os.name"
    assert "size = 0" in stretches["Cart",]
    assert stretches[()].startswith("import os")


def test_broken_code_loses_nothing() -> None:
    source = "def f(:\n  ((\nclass A\n  def g(self):\n    pass\n}}}\n\x0c"
    stretches = symbols.stretches(source, ".py", one_line)
    assert {word for s in stretches for word in s.text.split()} == set(source.split())


def test_nesting_without_end_is_survived() -> None:
    source = "x = " + "(" * 3000 + "1" + ")" * 3000 + "\ndef f():\n    return x\n"
    assert any(stretch.path == ("f",) for stretch in symbols.stretches(source, ".py", one_line))


def words(text: str) -> int:
    return len(text.split())


def test_a_passage_of_code_carries_file_and_symbol_but_does_not_show_them() -> None:
    document = Document("shop/cart.py", "shop/cart.py", PYTHON)
    passages = chunk(document, RetrievalSettings(chunk_tokens=18, overlap_tokens=0), words)
    (add,) = [p for p in passages if "self.size += 1" in p.text]
    assert (add.title, add.heading) == ("shop/cart.py", "Cart > add")
    assert "Cart" not in add.text
    assert all(words(p.text) <= 18 for p in passages)


def test_a_small_class_stays_whole() -> None:
    document = Document("cart.py", "cart.py", PYTHON)
    passages = chunk(document, RetrievalSettings(chunk_tokens=60, overlap_tokens=0), words)
    assert [p.heading for p in passages] == ["", "left", "Cart"]


def test_ids_of_code_survive_an_edit_elsewhere() -> None:
    settings = RetrievalSettings(chunk_tokens=18, overlap_tokens=0)
    before = chunk(Document("c.py", "c.py", PYTHON), settings, words)
    after = chunk(Document("c.py", "c.py", PYTHON.replace("total - LIMIT", "LIMIT - total + 1")), settings, words)
    assert {p.id for p in before if p.heading != "left"} <= {p.id for p in after}


def test_as_text_a_comment_is_no_heading() -> None:
    settings = replace(RetrievalSettings(chunk_tokens=200), code="text")
    (passage,) = chunk(Document("c.py", "c.py", PYTHON), settings, words)
    assert passage.heading == ""
    assert "# how much is left" in passage.text


def test_a_missing_grammar_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(symbols.GRAMMARS, ".py", ("tree_sitter_nowhere", "language"))  # type: ignore[arg-type]
    symbols.parser_of.cache_clear()
    with pytest.raises(InputError, match=r"needs tree_sitter_nowhere.*retrieval\.code to 'text'"):
        symbols.stretches("x = 1", ".py", one_line)
    monkeypatch.undo()
    symbols.parser_of.cache_clear()
