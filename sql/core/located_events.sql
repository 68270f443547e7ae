-- One row per crime, incident or sale within the asked months, with the coordinates as published and their reference system.
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
    lsoa_code
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
    null
from core.sales
where transfer_date >= (select since from catalogue.window)
    and transfer_date < (select until from catalogue.window) + interval 1 month
