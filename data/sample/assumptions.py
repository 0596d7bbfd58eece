"""Every assumption of the sample in one place: what no source gives, and why it was set so.

Counts that ARE published are not here: they are read from data/published/figures.csv.
"""

from __future__ import annotations

SEED = 20211231

# District totals where nothing is published, year → count.
HOUSEHOLDS = {
    2022: 7470,  # between the published 7.378 of 2021 and 7.580 of 2023
    2023: 7580,  # the only whole number for which 797 and 760 round to the printed 10,51 and 10,03 %
    2024: 7684,  # one of a range for which 574 rounds to the printed 7,47 % and 598 to 7,8 %
    2025: 7790,  # growth of the three years before
}
POOR = {
    2022: 1261,  # 16,88 %, a weak derived figure (10,28 + 6,6)
    2025: 402,  # no source; a slower fall than before
}
NEAR_POOR = {
    2021: 812,  # no source; about 11 %, as at the end of 2017 under the older standard
    2022: 803,  # between 2021 and the published 760 of 2023
    2025: 486,  # no source
}

# Units: share of the district's households (guided by the censuses of 2009 and 2019 and the
# populations of 2025) and poverty against the district's rate (uplands poorer; no source).
UNITS = {
    "23479": (0.200, 0.45),  # Đăk Rve, town
    "23482": (0.094, 1.85),  # Đăk Kôi
    "23485": (0.092, 1.65),  # Đăk Tơ Lung
    "23488": (0.165, 0.50),  # Đăk Ruồng
    "23491": (0.074, 2.00),  # Đăk Pne
    "23494": (0.208, 1.30),  # Đăk Tờ Re
    "23497": (0.167, 0.48),  # Tân Lập
}
UNIT_NOISE = 0.11  # standard deviation of a unit's log poverty against its expected share, a year
NEAR_POOR_FLATNESS = 0.6  # near-poverty varies less among units than poverty: factor ** this

# Persons a household at the end of 2021, by state.
SIZE = {"poor": 4.5, "near_poor": 4.3, "average_living": 4.1, "all": 3.95}
AVERAGE_LIVING = 0.34  # share of households, farming families of average living standard

# Flows of a year as shares of the stock they leave (the province's 2022 as a guide).
FLOWS = {
    "near_poor_to_poor": 0.019,
    "relapsed": 0.003,
    "newly_poor": 0.004,  # of households not poor
    "other": 0.006,  # other decrease, other increase: moves, splits, deaths
    "escaped_to_near_poor": 0.42,  # of those who leave poverty
    "near_poor_relapsed": 0.004,
    "newly_near_poor": 0.006,
}

# Chance that a poor household of 2021 lacks each indicator, before the rule of three is applied.
LACKING = {
    "job": 0.30,
    "dependants": 0.28,
    "nutrition": 0.26,
    "health_insurance": 0.06,
    "adult_schooling": 0.42,
    "child_schooling": 0.14,
    "housing_quality": 0.52,
    "housing_area": 0.40,
    "water": 0.36,
    "toilet": 0.76,
    "telecoms": 0.44,
    "devices": 0.30,
}
IMPROVEMENT = 0.97  # of those chances, year on year
NEAR_POOR_LACKING = 0.32  # of the poor's chances, before the rule of fewer than three

# Groups: chance that a household belongs; groups overlap. DTTS 95,2 % of the poor is published.
GROUPS = {"dtts": 0.952, "no_labour": 0.138, "merit": 0.02}
NEAR_POOR_DTTS = 0.90

# Quotas of the district: poor households left at most. 2022 and 2023 follow the plan's path;
# the path then asks for 389 and 0, which no commune near its floor can do, so attainable ones.
QUOTAS = {2024: 560, 2025: 400}
PATH_START, PATH_FALL = 0.2486, 0.066
