-- One row per source, file, publisher's column (or word) and measure that counts it; the first pattern that fits a file is used.
with publisher_columns as (
    select distinct source, file, publisher_column from core.staged_values
    union all
    select distinct 'ons_geography', file, publisher_column from stage.ons_geography
    union all
    -- public health profiles, but for what their licences keep out
    select source, '', publisher_column from core.licences where reason is null
    union all
    select distinct 'police_crime', '', crime_type from stage.police_crime
    union all
    select distinct 'price_paid', '', property_type from stage.price_paid
    union all
    select distinct 'stats19', '', severity from stage.stats19
    union all
    select distinct return_id, '', return_id from core.returned where placed_by in ('point', 'postcode')
),

fitting as (
    select p.source, p.file, p.publisher_column, m.measure, m.priority
    from publisher_columns as p
    join catalogue.measures as m
        on m.source = p.source
        and regexp_full_match(trim(p.publisher_column), m.pattern, 'i')
        and p.publisher_column <> m.leave_out
    -- a sum of which a part is not in the file is no sum
    qualify count(*) over (partition by p.source, p.file, m.measure, m.priority) >= m.parts
)

select source, file, publisher_column, measure
from fitting
qualify priority = min(priority) over (partition by source, file, measure)
order by source, file, measure, publisher_column
