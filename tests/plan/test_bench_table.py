"""The table of benchmarks tells medians, and a missed goal cannot hide."""

from pathlib import Path

import pytest

from scripts.lib import bench_table
from scripts.lib.bench_table import Row, figures_of, rows_of, table


def test_every_number_is_a_figure_named_by_its_path() -> None:
    result = {"bench": "wake", "ours": {"us": 5, "exact": True}, "ratio": 2.5}
    assert list(figures_of(result)) == [("ours.us", 5.0), ("ratio", 2.5)]


@pytest.mark.parametrize(
    ("goal", "met"),
    [
        (None, True),
        ({"at_most": 3.0}, True),
        ({"at_most": 2.9}, False),
        ({"at_least": 3.0}, True),
        ({"at_least": 3.1}, False),
    ],
)
def test_the_median_is_held_against_the_goal(goal: dict[str, float] | None, met: bool) -> None:
    row = Row("wake", "us", (1.0, 99.0, 3.0), goal)
    assert row.median == 3.0
    assert row.is_met == met
    assert ("MISSED" in table([row])) != met


def test_a_goal_without_a_figure_is_told() -> None:
    with pytest.raises(LookupError, match=r"wake reports no gone"):
        rows_of("wake", [{"us": 1.0}], {"gone": {"at_most": 1.0}})


def test_only_figures_of_every_run_become_rows() -> None:
    (row,) = rows_of("wake", [{"us": 1.0, "once": 1.0}, {"us": 3.0}], {})
    assert row == Row("wake", "us", (1.0, 3.0), None)


def test_a_benchmark_runs_in_a_fresh_process_and_only_its_last_line_counts(tmp_path: Path) -> None:
    bench = tmp_path / "noise.py"
    bench.write_text('print("chatter")\nprint(\'{"us": 7, "inner": {"n": 1}}\')\n')
    assert bench_table.run_once(bench) == {"us": 7.0, "inner.n": 1.0}


def test_benchmarks_are_chosen_by_a_part_of_their_name(tmp_path: Path) -> None:
    for name in ("wake.py", "session.py", "_shared.py"):
        (tmp_path / name).touch()
    assert [path.stem for path in bench_table.chosen([], tmp_path)] == ["session", "wake"]
    assert [path.stem for path in bench_table.chosen(["wak"], tmp_path)] == ["wake"]
