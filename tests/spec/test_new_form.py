"""A new form is a new description and no code: read, checked, templated and in the manual."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

DESCRIPTION = """
number = "16"
title = "HỖ TRỢ NHÀ Ở CHO HỘ NGHÈO"
due = "within_year"
holds = { vi = "nhà ở được hỗ trợ trong năm", en = "houses supported within the year" }
lines = ["households"]
table = "housing"
article = "thử nghiệm"
verified = false
columns = [
    { code = "1", item = "supported", heading = ["Hỗ trợ", "Tổng số", ""], equals = ["2", "3"] },
    { code = "2", item = "built", heading = ["Hỗ trợ", "Xây mới", ""] },
    { code = "3", item = "mended", heading = ["Hỗ trợ", "Sửa chữa", ""] },
    { code = "4=2/1*100", item = "built_share", heading = ["Tỷ lệ", "", ""], share = ["2", "1"] },
]
bound = [{ parts = ["mended"], whole = ["built"], severity = "doubt" }]
"""

SCRIPT = """
import json, sys, tomllib
from datetime import datetime
from pathlib import Path
from povsim import rules

known = rules.load_folder

def with_one_more(name):
    return {**known(name), **({"F16": tomllib.loads(sys.argv[1])} if name == "forms" else {})}

rules.load_folder = with_one_more
from povsim import forms, intake, plan
from povsim.forms.manual import page
from povsim.intake import blank
from povsim.rules import units
from povsim.vocabulary import Period
from openpyxl import load_workbook

folder = Path(sys.argv[2])
counts = {"supported": 9, "built": 4, "mended": 5}
head = forms.Head("UBND XÃ ĐĂK KÔI (mã đơn vị 23482)", 2024, through=10)
forms.write(folder / "good.xlsx", head, {"F16": [forms.Line("Đăk Kôi", "households", counts)]}, {},
            datetime(2024, 11, 1))
book = load_workbook(folder / "good.xlsx")
book["F16"]["C10"] = 8
book.save(folder / "wrong.xlsx")
unit = units().find("Đăk Kôi", Period(2024, 10).end)
blank.write_blank(folder / "blank.xlsx", unit, Period(2024, 10), plan.load(), None)
read = {
    name: intake.check([folder / f"{name}.xlsx"], plan.load(), None) for name in ("good", "wrong")
}
print(json.dumps({
    "cells": [entry.counts for entry in read["good"].entries],
    "shares": [list(entry.shares["built_share"]) for entry in read["good"].entries],
    "good": [[f.rule, str(f.severity)] for f in read["good"].findings],
    "wrong": [[f.rule, str(f.severity)] for f in read["wrong"].findings],
    "template": load_workbook(folder / "blank.xlsx").sheetnames,
    "manual": "HỖ TRỢ NHÀ Ở CHO HỘ NGHÈO" in page("vi"),
}))
"""


def test_a_description_is_all_that_a_new_form_takes(tmp_path: Path):
    command = [sys.executable, "-c", SCRIPT, DESCRIPTION, str(tmp_path)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert told["cells"] == [{"supported": 9, "built": 4, "mended": 5}]
    assert told["shares"] == [[44.44, 2]]
    assert told["good"] == [["bound_broken", "doubt"]]
    assert told["wrong"] == [
        ["identity_broken", "error"],
        ["share_contradicts", "error"],
        ["bound_broken", "doubt"],
    ]
    assert "F16" in told["template"]
    assert told["manual"]
