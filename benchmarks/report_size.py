"""How large a report gets, how long it takes to render, and whether a browser stays usable with it.

    python -m benchmarks.report_size [--cases 120 5000] [--arms 4 6]

Runs are made up (tests/make): this measures the page, not an arm. With playwright and a Chromium on the machine the
page is also opened, filtered and one question unfolded; without them that part says so and is left out.
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

from harness.record.sections import Record
from harness.report.page.render import render_html
from harness.types import Case, Score, Trace
from tests import make

ORDER = ("rag", "hybrid", "tune", "baseline", "rag+few-shot")  # which arms stay where fewer are wanted

MadeUp = tuple[Record, tuple[Trace, ...], tuple[Score, ...], tuple[Case, ...]]


def made_up(cases: int, arms: int) -> MadeUp:
    """A run of that size: five arms cut down, or RAG-only's answers once more under another name.

    The figures are those of its first 120 cases: a page takes them as they are.
    """
    script, judged = (make.drawn(replace(make.BUSY.world, n=n), ORDER[:arms]) for n in (cases, min(cases, 120)))
    record = make.record(make.figures(judged), judged)
    traces, scores = make.traces(script), make.scores(script)
    rag = next(arm for arm in record.arms if arm.name == "rag")
    for extra in range(arms - len(script.arms)):
        name = f"raft-{extra}"
        traces += tuple(replace(trace, arm=name) for trace in traces if trace.arm == "rag")
        scores += tuple(replace(score, arm=name) for score in scores if score.arm == "rag")
        metrics = {**record.metrics, name: record.metrics["rag"]}
        record = replace(record, arms=(*record.arms, replace(rag, name=name, title=name)), metrics=metrics)
    return record, traces, scores, script.cases


def in_browser(page: Path) -> dict[str, float] | str:
    """Seconds to open, to filter and to unfold one question; why not, where there is no browser."""
    names = ("chromium", "chromium-browser", "google-chrome")
    program = os.environ.get("CHROMIUM") or next((path for name in names if (path := shutil.which(name))), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return "playwright is not installed"
    if program is None:
        return "no Chromium on this machine"
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"], timeout=300_000)
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
