"""A long search for mails and texts that break a reader, guided by the lines of code that they reach.

Ten minutes, or what FUZZ_SECONDS says; the same seed each time, or FUZZ_SEED. What broke is kept in the folder of the
test and printed in base64: `read_mail(base64.b64decode(...))` does it again.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from base64 import b64encode
from importlib.util import find_spec
from pathlib import Path

import pytest

from mailgate.parsers import read_mail
from tests.support.parser_invariants import load_corpus
from tests.support.paths import ROOT

SECONDS = int(os.environ.get("FUZZ_SECONDS", "600"))
SEED = os.environ.get("FUZZ_SEED", "1")
MOST_RUNS = 2_000_000
FEWEST_RUNS = 5 * SECONDS  # a run that hardly read anything proves nothing


@pytest.mark.long
@pytest.mark.timeout(SECONDS + 300)
@pytest.mark.skipif(find_spec("atheris") is None, reason="needs atheris, the extra fuzz (it has wheels for Linux)")
def test_nothing_found_breaks_a_reader(tmp_path: Path) -> None:
    findings, seeds = tmp_path / "findings", tmp_path / "seeds"
    findings.mkdir()
    seeds.mkdir()
    for number, raw in enumerate(load_corpus()):
        (seeds / f"mail-{number}").write_bytes(raw)
        (seeds / f"text-{number}").write_bytes(b"\0" + read_mail(raw).text.encode()[:4_000])
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.fuzz.target", findings, seeds, f"-seed={SEED}", f"-runs={MOST_RUNS}"),
            *(f"-max_total_time={SECONDS}", "-timeout=60", "-rss_limit_mb=3000", "-print_final_stats=1"),
            f"-artifact_prefix={findings}/",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    runs = re.search(r"number_of_executed_units: *(\d+)", done.stderr)
    print(f"{runs[1] if runs else 'unknown'} inputs in {SECONDS} s with seed {SEED}")
    found = sorted(path for path in findings.iterdir() if path.suffix != ".why")
    for path in found:
        why = path.with_suffix(".why")
        print(f"\n{path.name}\n{why.read_text('utf-8') if why.exists() else ''}")
        print(b64encode(path.read_bytes()).decode("ascii"))
    assert not found, f"{len(found)} inputs in {findings}"
    assert done.returncode == 0, done.stderr[-3000:]
    assert runs is not None
    assert int(runs[1]) >= FEWEST_RUNS
