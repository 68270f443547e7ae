"""The sources: a line each. What a source asks for is in its .py, what it is in its .toml."""

from types import ModuleType

from flows.sources import (
    census_2021,
    fingertips,
    fuel_poverty,
    indices_of_deprivation,
    ons_geography,
    output_areas,
    police_crime,
    population,
    postcodes,
    price_paid,
)

SOURCES: dict[str, ModuleType] = {
    "ons_geography": ons_geography,
    "output_areas": output_areas,
    "postcodes": postcodes,
    "population": population,
    "census_2021": census_2021,
    "indices_of_deprivation": indices_of_deprivation,
    "police_crime": police_crime,
    "price_paid": price_paid,
    "fuel_poverty": fuel_poverty,
    "fingertips": fingertips,
}
