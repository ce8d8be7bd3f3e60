"""Reports of `python -m benchmarks --json` -> a picture (SVG): `python -m benchmarks.plot FILE… > OUT`.

A row for each workload, a dot for each engine at its median, on a logarithmic axis; the thin line
goes on to the 95th percentile. Left is better. One panel for each report.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

COLOURS = {
    "dateline": "#c2410c",
    "tantivy": "#1d4ed8",
    "fts5": "#15803d",
    "xapian": "#7e22ce",
    "whoosh": "#6b7280",
}
WIDTH, LEFT, RIGHT, ROW, TOP, BOTTOM = 860, 130, 36, 24, 58, 34
LOWEST_MS, HIGHEST_MS = 0.01, 1000.0


def main() -> None:
    """The picture of the reports named on the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.plot", description=__doc__)
    parser.add_argument("reports", nargs="+", type=Path, metavar="REPORT.json")
    given = parser.parse_args()
    print(picture([json.loads(path.read_text("utf-8")) for path in given.reports]))


def picture(reports: list[Mapping[str, Any]]) -> str:
    """One SVG with the reports below each other."""
    panels, height = [], 0
    for report in reports:
        drawn, tall = _panel(report, height)
        panels.append(drawn)
        height += tall
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'font-family="system-ui, sans-serif" font-size="13" role="img" '
        f'aria-label="Median times of searches, by engine and workload">\n'
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>\n{"".join(panels)}</svg>'
    )


def _panel(report: Mapping[str, Any], top: int) -> tuple[str, int]:
    engines = {name: e["queries"] for name, e in report["engines"].items()}
    workloads = list(dict.fromkeys(w for queries in engines.values() for w in queries))
    height = TOP + ROW * len(workloads) + BOTTOM
    bottom = top + TOP + ROW * len(workloads)
    parts = [
        (
            f'<text x="{LEFT}" y="{top + 22}" font-size="15" font-weight="600">'
            f"{report['docs']:,} articles: median time of a search (line: to the 95th percentile)</text>\n"
        ),
        *_legend(engines, top + 42),
        *_axis(top + TOP, bottom),
    ]
    for number, workload in enumerate(workloads):
        y = top + TOP + ROW * number + ROW // 2
        parts.append(
            f'<text x="{LEFT - 10}" y="{y + 4}" text-anchor="end">{escape(workload)}</text>\n'
        )
        for name, queries in engines.items():
            if workload in queries:
                parts.append(_dot(COLOURS[name], queries[workload], y))
    return "".join(parts), height


def _legend(engines: Mapping[str, Any], y: int) -> list[str]:
    return [
        f'<circle cx="{LEFT + 6 + 100 * number}" cy="{y - 4}" r="5" fill="{COLOURS[name]}"/>'
        f'<text x="{LEFT + 16 + 100 * number}" y="{y}">{escape(name)}</text>\n'
        for number, name in enumerate(engines)
    ]


def _axis(top: int, bottom: int) -> list[str]:
    lines = []
    for power in range(round(math.log10(LOWEST_MS)), round(math.log10(HIGHEST_MS)) + 1):
        x = _x(10.0**power)
        lines.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{bottom}" stroke="#e5e7eb"/>'
            f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle" fill="#4b5563">'
            f"{10.0**power:g} ms</text>\n"
        )
    return lines


def _dot(colour: str, times: Mapping[str, float], y: int) -> str:
    middle, late = _x(times["p50_ms"]), _x(times["p95_ms"])
    return (
        f'<line x1="{middle:.1f}" x2="{late:.1f}" y1="{y}" y2="{y}" stroke="{colour}" '
        f'stroke-width="1.5" opacity="0.45"/>'
        f'<circle cx="{middle:.1f}" cy="{y}" r="5" fill="{colour}"/>\n'
    )


def _x(ms: float) -> float:
    """Where a time stands on the axis; what lies beyond its ends is shown at them."""
    inside = min(max(ms, LOWEST_MS), HIGHEST_MS)
    share = math.log10(inside / LOWEST_MS) / math.log10(HIGHEST_MS / LOWEST_MS)
    return LEFT + share * (WIDTH - LEFT - RIGHT)


if __name__ == "__main__":
    main()
