"""An error that nobody foresaw: one line for the user, its traceback in a file, an exit code of its own."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import time
import traceback
from pathlib import Path

from harness import __version__
from harness.errors import one_line
from harness.files.paths import cache_dir
from harness.process.secrets import masked

EXIT_CODE = 70  # EX_SOFTWARE of sysexits.h: a fault of the program


def crash_message(error: BaseException) -> str:
    """The crash in one line, with what to do; the traceback is in the file that it names."""
    file = _trace_file(error)
    where = f"report it with the file {file}" if file else "report it with what --version prints and what you ran"
    return f"unexpected {type(error).__name__}: {one_line(error)}; this is a fault of harness, not of yours: {where}"


def _trace_file(error: BaseException) -> Path | None:
    """The file with the traceback, without keys: in the cache, or where that cannot be written among temporary ones."""
    lines = traceback.format_exception(error)
    head = f"harness {__version__}, Python {platform.python_version()}, {platform.platform()}\n{sys.argv[1:]}\n\n"
    text = masked(head + "".join(lines))
    for folder in (cache_dir() / "crashes", Path(tempfile.gettempdir())):
        file = folder / f"harness-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.txt"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", errors="backslashreplace")
        except OSError:
            continue
        return file
    return None
