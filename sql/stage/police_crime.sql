-- One row per row of a street-level crime file: the crime id is not a key, and identical rows are separate incidents.
with typed as (
    select
        file,
        row_number,
        -- a file is one force's month and named after both; a row of another month is a fault
        try_strptime(left(file, 7), '%Y-%m')::date as month,
        replace(substr(file, 9), '-street.csv', '') as force,
        try_cast(longitude as decimal(9, 6)) as longitude,
        try_cast(latitude as decimal(9, 6)) as latitude,
        nullif(trim(lsoa_code), '') as lsoa_code,
        trim(crime_type) as crime_type,
        month as month_text,
        longitude as longitude_text,
        latitude as latitude_text
    from raw.police_crime
)

select
    file,
    row_number,
    month,
    force,
    -- (0, 0) is the publisher's mark for a place too far from any map point: no location, not the Gulf of Guinea
    case when longitude = 0 and latitude = 0 then null else longitude end as longitude,
    case when longitude = 0 and latitude = 0 then null else latitude end as latitude,
    lsoa_code,
    crime_type,
    case
        -- what is as it should be is looked at once, and no further
        when (month is null or month_text is distinct from left(file, 7))
            and try_strptime(trim(month_text), '%Y-%m') is null
            then 'month is not YYYY-MM: ' || coalesce(nullif(trim(month_text), ''), 'blank')
        when month_text <> left(file, 7) and strftime(try_strptime(trim(month_text), '%Y-%m'), '%Y-%m') <> left(file, 7)
            then 'month ' || trim(month_text) || ' stands in the file of ' || left(file, 7)
        when crime_type is null or crime_type = '' then 'crime type is blank'
        when longitude is null and trim(longitude_text) <> '' then 'longitude is not a number: ' || trim(longitude_text)
        when latitude is null and trim(latitude_text) <> '' then 'latitude is not a number: ' || trim(latitude_text)
        when (longitude is null) <> (latitude is null) then 'only one of longitude and latitude is given'
        when longitude = 0 and latitude = 0 then null
        when longitude not between -9 and 3 then 'longitude is outside the United Kingdom'
        when latitude not between 49 and 61.5 then 'latitude is outside the United Kingdom'
    end as fault
from typed
