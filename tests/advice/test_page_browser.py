"""The page in a real Chromium: laid out at desk and phone width without scrolling sideways, reachable by keyboard."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from harness.advice.content import content
from harness.advice.facts import Facts
from harness.advice.page import to_html
from harness.advice.questions import AnswerValue
from harness.advice.recommend import advise

pytestmark = pytest.mark.browser
PROBE = """<script>
const wide = [...document.querySelectorAll("body *")].filter(e => !e.closest(".scroll") && !e.closest(".skip")
  && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.tagName + "." + e.className);
document.title = JSON.stringify({inner: innerWidth, width: document.documentElement.scrollWidth, wide,
  focusable: [...document.querySelectorAll("a[href], summary")].length, h1: document.querySelectorAll("h1").length});
</script>"""


@pytest.mark.parametrize("width", [1440, 500])
def test_page_lays_out_without_sideways_scrolling(tmp_path: Path, width: int) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium here")
    answers = {n: AnswerValue.UNSURE if n in (2, 6, 9) else AnswerValue.YES for n in range(1, 10)}
    page = to_html(content(advise(answers, Facts(labelled_examples=40, gpu_memory_gb=24)), "A page in a browser"))
    file = tmp_path / "page.html"
    file.write_text(page.replace("</body>", PROBE + "</body>"), encoding="utf-8")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    flags += ["--disable-component-update", "--disable-sync", f"--user-data-dir={tmp_path / 'profile'}"]
    done = subprocess.run(
        [chromium, *flags, f"--window-size={width},900", "--dump-dom", file.as_uri()],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    title = re.search(r"<title>(\{.*?\})</title>", done.stdout)
    assert title, done.stderr[-500:]
    probe = json.loads(title[1].replace("&amp;", "&"))
    assert probe["wide"] == []
    assert probe["width"] <= probe["inner"]
    assert probe["h1"] == 1
    assert probe["focusable"] >= 2
