"""The sources: a line each. What a source asks for is in its .py, what it is in its .toml."""

from types import ModuleType

from flows.sources import (
    census_2021,
    claimant_count,
    epc,
    fingertips,
    fuel_poverty,
    indices_of_deprivation,
    local_health,
    ons_geography,
    output_areas,
    partner_return,
    police_api,
    police_crime,
    population,
    postcodes,
    price_paid,
    stats19,
)

SOURCES: dict[str, ModuleType] = {
    "ons_geography": ons_geography,
    "output_areas": output_areas,
    "postcodes": postcodes,
    "population": population,
    "census_2021": census_2021,
    "indices_of_deprivation": indices_of_deprivation,
    "police_crime": police_crime,
    "police_api": police_api,
    "price_paid": price_paid,
    "fuel_poverty": fuel_poverty,
    "epc": epc,
    "claimant_count": claimant_count,
    "stats19": stats19,
    "fingertips": fingertips,
    "local_health": local_health,
    "partner_return": partner_return,
}
