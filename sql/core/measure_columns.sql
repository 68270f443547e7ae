-- One row per source, file, publisher's column (or word) and measure that counts it; the first pattern that fits a file is used.
with publisher_columns as (
    select distinct 'census_2021' as source, file, publisher_column from stage.census_2021
    union all
    select distinct 'indices_of_deprivation', file, publisher_column from stage.indices_of_deprivation
    union all
    select distinct 'fuel_poverty', file, publisher_column from stage.fuel_poverty
    union all
    select distinct 'population', file, publisher_column from stage.population
    union all
    select distinct 'ons_geography', file, publisher_column from stage.ons_geography
    union all
    select distinct 'fingertips', '', publisher_column from stage.fingertips
    union all
    select distinct 'police_crime', '', crime_type from stage.police_crime
    union all
    select distinct 'price_paid', '', property_type from stage.price_paid
),

fitting as (
    select p.source, p.file, p.publisher_column, m.measure, m.priority
    from publisher_columns as p
    join catalogue.measures as m
        on m.source = p.source
        and regexp_full_match(trim(p.publisher_column), m.pattern, 'i')
        and p.publisher_column <> m.leave_out
)

select source, file, publisher_column, measure
from fitting
qualify priority = min(priority) over (partition by source, file, measure)
order by source, file, measure, publisher_column
