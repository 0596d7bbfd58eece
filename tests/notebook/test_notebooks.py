"""Every planners' notebook runs on the sample, shows blocks only, and stays small."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from papermill import execute_notebook

ROOT = Path(__file__).parents[2]
PLANNERS = sorted(ROOT.glob("notebooks/0*.ipynb"))
LARGEST = 2_000_000


@pytest.mark.parametrize("path", PLANNERS, ids=lambda path: path.stem)
def test_planners_notebook_runs_from_its_own_folder(
    path: Path, sample_store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POVSIM_STORE", sample_store)
    made = tmp_path / path.name
    notebook = execute_notebook(path, made, progress_bar=False, cwd=path.parent)
    shown = [out for cell in notebook.cells for out in cell.get("outputs", [])]
    told = json.dumps(shown, ensure_ascii=False)
    assert "Số liệu mẫu" in told
    assert "Đăk Tơ Lung" in told
    assert not [out for out in shown if out.output_type in ("error", "stream")]
    assert made.stat().st_size < LARGEST
