-- One row per collision, where it was recorded, and what it weighs among those with somebody killed or seriously injured.
with texts as (
    select
        file,
        row_number,
        trim(collision_index) as collision_index,
        trim(collision_date) as date_text,
        regexp_extract(file, '(\d{4})', 1) as file_year,
        -- blank, NULL and -1 all say that it is not known; a longitude of -1 is one, unless latitude says otherwise
        nullif(nullif(nullif(trim(easting), ''), 'NULL'), '-1') as easting_text,
        nullif(nullif(nullif(trim(northing), ''), 'NULL'), '-1') as northing_text,
        nullif(nullif(trim(longitude), ''), 'NULL') as longitude_text,
        nullif(nullif(nullif(trim(latitude), ''), 'NULL'), '-1') as latitude_text,
        trim(severity) as severity,
        nullif(trim(enhanced_severity), '') as enhanced_severity,
        nullif(nullif(nullif(trim(adjusted_serious), ''), 'NULL'), '-1') as adjusted_text,
        nullif(trim(police_force), '') as police_force
    from raw.stats19
),

typed as (
    select
        *,
        try_strptime(date_text, '%d/%m/%Y')::date as collision_date,
        -- metres, as recorded; degrees only where there are no metres
        try_cast(easting_text as decimal(12, 6)) as easting,
        try_cast(northing_text as decimal(12, 6)) as northing,
        case when easting_text is null and latitude_text is not null then try_cast(longitude_text as decimal(12, 6)) end as longitude,
        case when easting_text is null then try_cast(latitude_text as decimal(12, 6)) end as latitude,
        try_cast(adjusted_text as decimal(9, 6)) as adjusted_serious,
        -- the enhanced scale splits serious into 5, 6 and 7
        case severity when '1' then 'Fatal' when '2' then 'Serious' when '3' then 'Slight' end as severity_name
    from texts
)

select
    file,
    row_number,
    collision_index,
    collision_date,
    date_trunc('month', collision_date)::date as month,
    police_force,
    severity_name as severity,
    enhanced_severity,
    adjusted_serious,
    case
        when severity = '1' then 1
        -- where the publisher gives no adjustment, as the police reported it
        else coalesce(adjusted_serious, (severity = '2')::integer)
    end::decimal(9, 6) as serious_weight,
    coalesce(easting, longitude) as x,
    coalesce(northing, latitude) as y,
    case when easting is not null then 'EPSG:27700' when longitude is not null then 'EPSG:4326' end as crs,
    case
        when coalesce(collision_index, '') = '' then 'collision index is blank'
        when collision_date is null then 'date is not DD/MM/YYYY: ' || coalesce(nullif(date_text, ''), 'blank')
        when strftime(collision_date, '%Y') <> file_year then 'date ' || date_text || ' stands in the file of ' || file_year
        when severity_name is null then 'unknown severity: ' || coalesce(nullif(severity, ''), 'blank')
        when adjusted_text is not null and coalesce(adjusted_serious not between 0 and 1, true)
            then 'adjusted severity is not between 0 and 1: ' || adjusted_text
        when easting_text is not null and easting is null then 'easting is not a number: ' || easting_text
        when northing_text is not null and northing is null then 'northing is not a number: ' || northing_text
        when (easting_text is null) <> (northing_text is null) then 'only one of easting and northing is given'
        when not (easting between 1000 and 700000 and northing between 1000 and 1300000)
            then 'outside the British grid (in metres): ' || easting_text || ', ' || northing_text
        when easting_text is null and latitude_text is not null
            and (coalesce(longitude not between -9 and 3, true) or coalesce(latitude not between 49 and 61.5, true))
            then 'not a place in Great Britain: ' || coalesce(longitude_text, 'blank') || ', ' || latitude_text
    end as fault
from typed
