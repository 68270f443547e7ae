"""What two invented partners hand over: an open return, and one that only a few may see."""

from __future__ import annotations

from county_files import Row, csv_bytes
from county_geography import chance, postcodes
from county_statistics import by_code

NOISE = """\
# What the district councils hand over once a year. README.md, "Figures from partners", says what each line is.
id = "noise_complaints"
label = "Noise complaints"
counts = "a complaint about noise from a home or a business, as a district council received it"
unit = "per 1,000 residents"
themes = ["cleaner_greener"]
organisation = "Exampleshire district councils (invented)"
owner = "Environmental health manager"
given_on = 2025-07-14
purpose = "To see where neighbours are kept awake, beside what the police record as anti-social behaviour."
sharing = "open"
expires = 2045-07-31
tier = "district"
polarity = "low"
threshold = 5
by = "point"
denominator = "population.all_ages"
per = 1000
plausible = [0, 200]

[columns]
easting = "Easting"
northing = "Northing"
period = "Year received"
"""
DOMESTIC = """\
id = "domestic_incidents"
label = "Domestic incidents"
counts = "an incident that the police attended and marked as domestic"
unit = "incidents"
themes = ["safer_communities"]
organisation = "Exampleshire Police (invented)"
owner = "Safeguarding performance analyst"
given_on = 2025-07-21
purpose = "To plan refuge places and outreach; for the members of the domestic abuse board."
sharing = "restricted"
expires = 2045-07-31
tier = "police"
polarity = "neither"
threshold = 10
by = "lsoa21"
without_rows = "none"
period = "2024-07 to 2025-06"

[columns]
code = "LSOA"
count = "Incidents"
"""


def partners() -> dict[str, bytes]:
    """Both returns as they lie in the inbox: a CSV each, and what it is beside it."""
    files = {"noise_complaints.toml": NOISE.encode(), "domestic_incidents.toml": DOMESTIC.encode()}
    files["noise_complaints.csv"] = csv_bytes([*complaints()], newline="\r\n", bom=True)
    files["domestic_incidents.csv"] = csv_bytes([*incidents()])
    return {f"partner_return/{name}": content for name, content in files.items()}


def complaints() -> list[Row]:
    """A row for each complaint, at the home that it came from; one has no place at all."""
    rng = chance("noise complaints")
    homes = [code for code in postcodes() if code.located and code.area.inside]
    rows: list[Row] = [("Reference", "Year received", "Easting", "Northing", "Kind")]
    for number in range(420):
        home, year = rng.choice(homes), 2023 + number % 2
        kind = rng.choice(("Music", "Barking", "Machinery", "Alarm"))
        place = (round(home.x), round(home.y)) if number != 77 else ("", "")
        rows.append((f"N{year}-{number:04}", year, *place, kind))
    return rows


def incidents() -> list[Row]:
    """A row for each small area that has any."""
    rng = chance("domestic incidents")
    rows: list[Row] = [("LSOA", "Incidents")]
    for area in (area for area in by_code() if area.inside):
        if found := round(rng.expovariate(1 / (4 + 30 * area.need))):
            rows.append((area.code, found))
    return rows
