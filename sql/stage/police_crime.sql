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
        trim(month) as month_text,
        nullif(trim(longitude), '') as longitude_text,
        nullif(trim(latitude), '') as latitude_text
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
        -- only what is not written as in the file's name is looked at twice
        when month_text is distinct from left(file, 7) and try_strptime(month_text, '%Y-%m') is null
            then 'month is not YYYY-MM: ' || coalesce(nullif(month_text, ''), 'blank')
        when month_text <> left(file, 7) and strftime(try_strptime(month_text, '%Y-%m'), '%Y-%m') <> left(file, 7)
            then 'month ' || month_text || ' stands in the file of ' || left(file, 7)
        when crime_type is null or crime_type = '' then 'crime type is blank'
        when longitude_text is not null and longitude is null then 'longitude is not a number: ' || longitude_text
        when latitude_text is not null and latitude is null then 'latitude is not a number: ' || latitude_text
        when (longitude is null) <> (latitude is null) then 'only one of longitude and latitude is given'
        when longitude = 0 and latitude = 0 then null
        when longitude not between -9 and 3 then 'longitude is outside the United Kingdom'
        when latitude not between 49 and 61.5 then 'latitude is outside the United Kingdom'
    end as fault
from typed
