"""`docs/lab.md`: its code is written into files as it stands there, and runs as its reader would run it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "lab.md"
BLOCK = re.compile(r"^```python\n# (?P<name>\w+\.py)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)


def test_every_example_passes(tmp_path: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    blocks = {block["name"]: block["code"] for block in BLOCK.finditer(page)}
    assert len(blocks) == page.count("```python") == 4
    for name, code in blocks.items():
        (tmp_path / name).write_text(code, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="ascii")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--color=no", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, timeout=120)
    tests = sum(code.count("\ndef test_") for code in blocks.values())
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{tests} passed" in done.stdout.splitlines()[-1], done.stdout
