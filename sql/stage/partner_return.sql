-- One row per row of a return that a partner handed over: where it is, when, and how many.
with typed as (
    select
        *,
        case
            when regexp_matches(period, '^\d{4}$') then period || '-01'
            when regexp_matches(period, '^\d{4}-\d\d( to \d{4}-\d\d)?$') then left(period, 7)
        end as first_month,
        case
            when regexp_matches(period, '^\d{4}$') then period || '-12'
            when regexp_matches(period, '^\d{4}-\d\d( to \d{4}-\d\d)?$') then right(period, 7)
        end as last_month,
        try_cast(easting as decimal(18, 6)) as east,
        try_cast(northing as decimal(18, 6)) as north,
        try_cast(longitude as decimal(18, 6)) as lon,
        try_cast(latitude as decimal(18, 6)) as lat,
        upper(replace(postcode, ' ', '')) as postcode_joined,
        -- what partners write where they withheld a number themselves
        regexp_matches(lower(count), '^(\*+|\[?c\]?|<\s*\d+)$') as is_withheld,
        case each_row when 'one' then 1 else try_cast(count as decimal(18, 6)) end as number
    from raw.partner_return
    where return_id is not null
),

dated as (
    select
        *,
        try_strptime(first_month, '%Y-%m')::date as period_start,
        last_day(try_strptime(last_month, '%Y-%m')::date) as period_end,
        mode(length(period)) over (partition by file) as usual_length,
        case
            when each_row = 'a number' and placed_by <> 'point'
            then count(*) over (partition by file, period, coalesce(upper(code), postcode_joined))
            else 1
        end as times_listed
    from typed
)

select
    file,
    row_number,
    return_id,
    placed_by,
    each_row,
    without_rows,
    nullif(area_kind, '') as area_kind,
    period,
    period_start,
    period_end,
    case when placed_by = 'point' then try_cast(coalesce(east, lon) as decimal(12, 6)) end as x,
    case when placed_by = 'point' then try_cast(coalesce(north, lat) as decimal(12, 6)) end as y,
    case when placed_by = 'point' then case when coalesce(longitude, '') <> '' then 'EPSG:4326' else 'EPSG:27700' end end as crs,
    case when placed_by = 'postcode' then nullif(postcode_joined, '') end as postcode,
    case when placed_by in ('lsoa21', 'lsoa11') then upper(code) else nullif(code, '') end as code,
    case when not coalesce(is_withheld, false) then number end as number,
    case
        when period_start is null or period_end is null or period_start > period_end
            then 'not a period (2025, 2025-04 or 2025-04 to 2026-03): ' || coalesce(nullif(period, ''), 'blank')
        when period_end > last_day(given_on::date)
            then 'the period ends after the return was given: ' || period
        when length(period) <> usual_length
            then 'the period is written otherwise than in most rows: ' || period
        when is_withheld and placed_by in ('point', 'postcode')
            then 'withheld by the partner, so that it cannot be added up: ' || count
        when is_withheld then null
        when number is null then 'not a number: ' || coalesce(nullif(count, ''), 'blank')
        when number < 0 then 'a count below zero: ' || count
        when placed_by in ('point', 'postcode') and (number <> floor(number) or number > 10000)
            then 'not a whole number up to 10,000: ' || count
        when placed_by in ('lsoa21', 'lsoa11') and number > 1000000000 then 'not a count of a small area: ' || count
        when placed_by in ('lsoa21', 'lsoa11') and not coalesce(regexp_matches(upper(code), '^[A-Z]01\d{6}$'), false)
            then 'not a small-area code: ' || coalesce(nullif(code, ''), 'blank')
        when placed_by = 'area' and coalesce(code, '') = '' then 'area code is blank'
        when placed_by = 'postcode' and coalesce(postcode_joined, '') <> ''
            and not regexp_matches(postcode_joined, '^[A-Z]{1,2}\d[A-Z\d]?\d[A-Z]{2}$')
            then 'not a postcode: ' || postcode
        when coalesce(easting, '') <> '' and east is null then 'not a number: ' || easting
        when coalesce(northing, '') <> '' and north is null then 'not a number: ' || northing
        when coalesce(longitude, '') <> '' and lon is null then 'not a number: ' || longitude
        when coalesce(latitude, '') <> '' and lat is null then 'not a number: ' || latitude
        when (east is null) <> (north is null) or (lon is null) <> (lat is null)
            then 'only one of two coordinates is given'
        when east not between 1 and 700000 or north not between 1 and 1300000
            or lon not between -9 and 3 or lat not between 49 and 61.5
            then 'the coordinates are outside Britain: ' || concat_ws(', ', coalesce(easting, longitude), coalesce(northing, latitude))
        when times_listed > 1
            then 'listed ' || times_listed || ' times for one period: ' || coalesce(nullif(code, ''), postcode)
    end as fault
from dated
order by file, row_number
