"""How large a report gets, how long it takes to render, and whether a browser stays usable with it.

    python -m benchmarks.report_size [--cases 120 5000] [--arms 4 6]

Records are made up (tests/report/fixture.py): this measures the page, not an arm. With playwright and a Chromium on
the machine the page is also opened, filtered and one question unfolded; without them that part says so and is left out.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.report.page.render import render_html
from tests.report.fixture import build

ORDER = ("rag", "hybrid", "tune", "baseline", "rag+few-shot")  # which arms stay where fewer are wanted


def made_up(cases: int, arms: int) -> tuple[dict[str, Any], list[Any], list[Any], list[Any]]:
    """A run of that size: the fixture's five arms cut down, or RAG-only's answers once more under another name."""
    record, traces, scores, golden = build(cases)
    kept = set(ORDER[:arms])
    rows = [row for row in record["arms"] if row["name"] in kept]
    traces, scores = ([x for x in values if x.arm in kept] for values in (traces, scores))
    for extra in range(arms - len(rows)):
        name = f"raft-{extra}"
        rows.append({**next(row for row in rows if row["name"] == "rag"), "name": name, "title": name})
        traces = [*traces, *(replace(t, arm=name) for t in traces if t.arm == "rag")]
        scores = [*scores, *(replace(s, arm=name) for s in scores if s.arm == "rag")]
        record["metrics"][name] = record["metrics"]["rag"]
    return {**record, "arms": rows}, traces, scores, golden


def in_browser(page: Path) -> dict[str, float] | str:
    """Seconds to open, to filter and to unfold one question; why not, where there is no browser."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("CHROMIUM") or next((path for name in names if (path := shutil.which(name))), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return "playwright is not installed"
    if found is None:
        return "no Chromium on this machine"
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"], timeout=300_000)
        tab = browser.new_page()
        tab.set_default_timeout(300_000)
        took = {}
        start = time.perf_counter()
        tab.goto(page.as_uri())
        tab.wait_for_function("document.querySelectorAll('details.q').length > 0")
        took["open"] = time.perf_counter() - start
        script = """() => { const start = performance.now(); const box = document.getElementById('f-preset');
          box.value = 'lost'; box.dispatchEvent(new Event('input', {bubbles: true}));
          box.dispatchEvent(new Event('change', {bubbles: true})); document.body.offsetHeight;
          return (performance.now() - start) / 1000; }"""
        took["filter"] = float(tab.evaluate(script))
        unfold = """() => { const start = performance.now(); const one = document.querySelector('details.q');
          one.open = true; document.body.offsetHeight; return (performance.now() - start) / 1000; }"""
        took["unfold"] = float(tab.evaluate(unfold))
        took["elements"] = float(tab.evaluate("document.querySelectorAll('*').length"))
        browser.close()
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, nargs="+", default=[120, 5000])
    parser.add_argument("--arms", type=int, nargs="+", default=[4, 6])
    options = parser.parse_args()
    for cases, arms in zip(options.cases, options.arms, strict=True):
        run = made_up(cases, arms)
        wall, cpu = time.perf_counter(), time.process_time()
        page = render_html(*run)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "report.html"
            path.write_text(page, encoding="utf-8")
            opened = in_browser(path)
        print(f"{cases} cases x {arms} arms: {len(page.encode()) / 1e6:.2f} MB, rendered in {cpu:.1f} s of CPU "
              f"({wall:.1f} s), peak {peak:.0f} MiB")  # fmt: skip
        if isinstance(opened, str):
            print(f"  not opened: {opened}")
        else:
            print(f"  browser: open {opened['open']:.1f} s, filter {opened['filter']:.2f} s, unfold a question "
                  f"{opened['unfold']:.3f} s, {opened['elements']:.0f} elements")  # fmt: skip


if __name__ == "__main__":
    main()
