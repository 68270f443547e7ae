-- One row per small area and what is counted of its homes with an energy certificate; none where too many homes cannot be placed.
with told as (
    select
        max(lodged_at)::date as day,
        -- where many postcodes are not known, a place's homes cannot be told from others
        count(*) filter (small_area_code is null) <= 0.1 * count(*) as is_placed
    from core.dwellings
    having count(*) > 0
),

counted as (
    select
        small_area_code,
        count(band) as certificated,
        count(*) filter (band in ('A', 'B', 'C')) as good
    from core.dwellings
    group by small_area_code
),

counts as (
    select
        s.small_area_code,
        t.day,
        unnest(['certificated', 'band C or better']) as publisher_column,
        unnest([coalesce(c.certificated, 0), coalesce(c.good, 0)])::decimal(18, 6) as publisher_value
    -- of small areas that the lookups name: one without a certificate has none, which is a true zero
    from (select distinct small_area_code from stage.ons_geography) as s
    cross join told as t
    left join counted as c using (small_area_code)
    where t.is_placed
)

select
    'energy certificates' as file,
    small_area_code,
    strftime(day, '%Y-%m') as period,
    date_trunc('month', day)::date as period_start,
    day as period_end,
    publisher_column,
    publisher_value
from counts
order by small_area_code, publisher_column
