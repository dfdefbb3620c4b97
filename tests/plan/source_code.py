"""The source as the plan's tests see it: files, functions and lines, by ast and tokenize."""

import ast
import io
import subprocess
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "assistant"

Function = ast.FunctionDef | ast.AsyncFunctionDef
Documented = ast.Module | ast.ClassDef | Function

_LAYOUT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}


@dataclass(frozen=True)
class Source:
    """One Python file: its text, its tree, and which of its lines hold code or comments."""

    path: Path
    text: str
    tree: ast.Module
    code: frozenset[int]
    comments: frozenset[int]

    @property
    def name(self) -> str:
        """The path inside the repository."""
        return str(self.path.relative_to(ROOT))

    @property
    def functions(self) -> tuple[Function, ...]:
        """Every function and method, nested ones too."""
        return tuple(node for node in ast.walk(self.tree) if isinstance(node, Function))

    def length(self, function: Function) -> int:
        """Code lines of a function, decorators left out, nested functions included."""
        lines = range(function.lineno, (function.end_lineno or function.lineno) + 1)
        return len(self.code.intersection(lines))


def read_source(path: Path) -> Source:
    """Reads and measures one file."""
    return measure_source(path, path.read_text())


def measure_source(path: Path, text: str) -> Source:
    """Measures a text that stands, or could stand, at the path."""
    tree = ast.parse(text)
    code: set[int] = set()
    comments: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            comments.add(token.start[0])
        elif token.type not in _LAYOUT:
            code.update(range(token.start[0], token.end[0] + 1))
    return Source(path, text, tree, frozenset(code - _docstring_lines(tree)), frozenset(comments))


def _docstring_lines(tree: ast.Module) -> set[int]:
    lines: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, Documented) and ast.get_docstring(node, clean=False) is not None:
            first = node.body[0]
            lines.update(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    return lines


@cache
def package_sources() -> tuple[Source, ...]:
    """Every module of the package."""
    return tuple(read_source(path) for path in sorted(PACKAGE.rglob("*.py")))


@cache
def sources_of_tests() -> tuple[Source, ...]:
    """Every Python file below tests."""
    return tuple(read_source(path) for path in sorted((ROOT / "tests").rglob("*.py")))


@cache
def tracked_files() -> tuple[Path, ...]:
    """Every file that the repository holds; without git, every file that it would not ignore."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return tuple(path for path in ROOT.rglob("*") if path.is_file() and not _is_made(path))
    paths = (ROOT / name for name in listed.split("\0") if name)
    return tuple(path for path in paths if path.is_file())


def _is_made(path: Path) -> bool:
    parts = path.relative_to(ROOT).parts
    return any(part.startswith(".") and part != ".ci" for part in parts) or "__pycache__" in parts


def module_of(path: Path) -> str:
    """`assistant/home/devices.py` is `assistant.home.devices`; a package is named by its folder."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def imported_names(tree: ast.Module) -> frozenset[str]:
    """Dotted names of all that a module imports at run time, in functions too."""
    names: set[str] = set()
    for node in _walk_at_run_time(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(names)


def _walk_at_run_time(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"):
            yield child
            yield from _walk_at_run_time(child)
