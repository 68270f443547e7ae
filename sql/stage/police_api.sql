-- One row per crime that the police API gave for a locality and month; the ids hold within one update only.
with typed as (
    select
        file,
        row_number,
        trim(record_id) as record_id,
        try_strptime(trim(month), '%Y-%m')::date as month,
        trim(category) as category,
        try_cast(longitude as decimal(9, 6)) as longitude,
        try_cast(latitude as decimal(9, 6)) as latitude,
        month as month_text
    from raw.police_api
)

select
    file,
    row_number,
    regexp_extract(file, '@([^@]+)@', 1) as area_kind,
    regexp_extract(file, '@([^@]+)\.json$', 1) as area_code,
    record_id,
    month,
    category,
    longitude,
    latitude,
    case
        when coalesce(record_id, '') = '' then 'it has no id'
        when month is null or strftime(month, '%Y-%m') <> left(file, 7)
            then 'month ' || coalesce(month_text, 'blank') || ' stands in the answer of ' || left(file, 7)
        when longitude is null or latitude is null then 'it has no coordinates'
        when longitude not between -9 and 3 or latitude not between 49 and 61.5
            then 'its coordinates are outside the United Kingdom'
    end as fault
from typed
