-- One row per crime, incident, sale or collision within the asked months, with the coordinates as published and their reference system.
select
    'police_crime' as source,
    file,
    row_number,
    crime_type as kind,
    month,
    longitude::decimal(12, 6) as x,
    latitude::decimal(12, 6) as y,
    'EPSG:4326' as crs,
    null::integer as amount,
    lsoa_code,
    -- what it counts for in a weighted measure
    1::decimal(9, 6) as weight
from stage.police_crime
where month between (select since from catalogue.window) and (select until from catalogue.window)
union all
select
    'price_paid',
    transaction_id,
    null,
    property_type,
    date_trunc('month', transfer_date)::date,
    easting::decimal(12, 6),
    northing::decimal(12, 6),
    'EPSG:27700',
    price,
    null,
    1
from core.sales
where transfer_date >= (select since from catalogue.window)
    and transfer_date < (select until from catalogue.window) + interval 1 month
union all
select
    'stats19',
    file,
    row_number,
    severity,
    month,
    x,
    y,
    crs,
    null,
    null,
    serious_weight
from stage.stats19
where month between (select since from catalogue.window) and (select until from catalogue.window)
union all
select
    return_id, file, row_number, return_id, period_start, x, y, crs, null, null, 1
from (
    select *, unnest(range(number::bigint)) as one
    from core.returned
    where placed_by in ('point', 'postcode')
        and period_start >= (select since from catalogue.window)
        and period_end < (select until from catalogue.window) + interval 1 month
)
