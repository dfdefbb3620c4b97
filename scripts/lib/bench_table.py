"""Runs the benchmarks, each in fresh processes, and sets their medians beside the goals.

usage: python scripts/lib/bench_table.py [--json] [--runs N] [NAME ...]

A benchmark prints one JSON object as its last line; every number in it is a figure, named by its
path. Goals stand in scripts/benches/goals.toml, under the benchmark's file name.
"""

import argparse
import json
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
BENCHES = ROOT / "scripts" / "benches"
OUTPUT = ROOT / "bench-output"
LONGEST_S = 900.0

Goal = Mapping[str, float]
Figures = dict[str, float]


@dataclass(frozen=True)
class Row:
    """One figure of one benchmark: its median over the processes, and what is demanded of it."""

    bench: str
    path: str
    values: tuple[float, ...]
    goal: Goal | None

    @property
    def median(self) -> float:
        return median(self.values)

    @property
    def is_met(self) -> bool:
        """True where nothing is demanded."""
        goal = self.goal or {}
        low, high = goal.get("at_least", float("-inf")), goal.get("at_most", float("inf"))
        return low <= self.median <= high


def figures_of(result: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, float]]:
    """Every number in a result with its dotted path; flags and words are no figures."""
    for key, value in result.items():
        if isinstance(value, Mapping):
            yield from figures_of(value, f"{above}{key}.")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield f"{above}{key}", float(value)


def rows_of(bench: str, runs: Sequence[Figures], goals: Mapping[str, Goal]) -> list[Row]:
    """A row per figure that every run has; LookupError for a goal without a figure."""
    paths = [path for path in runs[0] if all(path in run for run in runs)]
    forgotten = sorted(set(goals) - set(paths))
    if forgotten:
        raise LookupError(f"goals.toml: {bench} reports no {', '.join(forgotten)}")
    return [Row(bench, path, tuple(run[path] for run in runs), goals.get(path)) for path in paths]


def table(rows: Sequence[Row]) -> str:
    """The rows as text columns."""
    cells = [["figure", "median", "least", "most", "goal", ""], *map(_cells, rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(6)]
    return "\n".join(_line(line, widths) for line in cells)


def _cells(row: Row) -> list[str]:
    goal = " ".join(f"{sign[3:]} {value:g}" for sign, value in (row.goal or {}).items())
    verdict = "" if row.goal is None else "ok" if row.is_met else "MISSED"
    numbers = (f"{value:g}" for value in (row.median, min(row.values), max(row.values)))
    return [f"{row.bench} {row.path}", *numbers, goal, verdict]


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    name, *rest = (
        cell.ljust(width) if column in {0, 4, 5} else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join([name, *rest]).rstrip()


def run_once(bench: Path) -> Figures:
    """One fresh process; CalledProcessError, TimeoutExpired or ValueError when it fails."""
    done = subprocess.run(
        [sys.executable, str(bench)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=LONGEST_S,
    )
    result = json.loads(done.stdout.strip().rpartition("\n")[2])
    return dict(figures_of(result))


def chosen(names: Sequence[str], folder: Path) -> list[Path]:
    """The benchmarks whose names contain one of the words; all without words."""
    every = sorted(path for path in folder.glob("*.py") if not path.name.startswith("_"))
    return [path for path in every if not names or any(name in path.stem for name in names)]


def _measure(bench: Path, runs: int, goals: Mapping[str, Any]) -> list[Row]:
    began = time.monotonic()
    print(f"bench: {bench.stem} ... ", end="", file=sys.stderr, flush=True)
    figures = [run_once(bench) for _ in range(runs)]
    print(f"{time.monotonic() - began:.0f} s", file=sys.stderr)
    return rows_of(bench.stem, figures, goals.get(bench.stem, {}))


def _as_data(rows: Sequence[Row]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for row in rows:
        told = {"median": row.median, "runs": list(row.values)}
        wanted = {"goal": dict(row.goal), "met": row.is_met} if row.goal else {}
        data.setdefault(row.bench, {})[row.path] = told | wanted
    return data


def _count(word: str) -> int:
    count = int(word)
    if count < 1:
        raise argparse.ArgumentTypeError("at least one process is needed")
    return count


def _arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench", add_help=False)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--runs", type=_count, default=3, metavar="N")
    parser.add_argument("names", nargs="*", metavar="NAME")
    return parser.parse_args(words)


def main(words: Sequence[str]) -> int:
    """Prints the table or one JSON object; 0 when every goal is met and every benchmark ran."""
    arguments = _arguments(words)
    benches = chosen(arguments.names, BENCHES)
    if not benches:
        print("bench: no benchmark has such a name", file=sys.stderr)
        return 2
    goals = tomllib.loads((BENCHES / "goals.toml").read_text())
    rows: list[Row] = []
    failed = False
    for bench in benches:
        try:
            rows += _measure(bench, arguments.runs, goals)
        except (subprocess.SubprocessError, ValueError, LookupError) as error:
            print(f"failed: {error}", file=sys.stderr)
            failed = True
    data = _as_data(rows)
    OUTPUT.mkdir(exist_ok=True)
    (OUTPUT / "results.json").write_text(json.dumps(data, indent=2) + "\n")
    (OUTPUT / "table.txt").write_text(table(rows) + "\n")
    print(json.dumps(data) if arguments.json else table(rows))
    return int(failed or not all(row.is_met for row in rows))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
