-- One row per 2021 small area of the lookups, with what is known of it and whether it lies in the place.
with attributes as (
    select
        s.small_area_code, c.measure,
        -- of several lookups that of the newest year speaks, with its own code
        arg_max(s.publisher_text, regexp_extract(s.publisher_column, '\d\d') || s.publisher_text) as attribute,
        max(regexp_extract(s.publisher_column, '\d\d')) as year
    from stage.ons_geography as s
    join core.measure_columns as c
        on c.source = 'ons_geography' and c.file = s.file and c.publisher_column = s.publisher_column
    where c.measure not in ('code_2011', 'change_2011')
    group by all
),

described as (
    select
        small_area_code,
        max(attribute) filter (measure = 'small_area_name') as small_area_name,
        max(attribute) filter (measure = 'authority_code') as authority_code,
        max(attribute) filter (measure = 'ward_code') as ward_code,
        max(year) filter (measure = 'ward_code') as ward_year,
        max(attribute) filter (measure = 'rural_or_urban') as rural_or_urban,
        max(attribute) filter (measure = 'rural_urban_class') as rural_urban_class,
        try_cast(max(attribute) filter (measure = 'centroid_easting') as double) as centroid_easting,
        try_cast(max(attribute) filter (measure = 'centroid_northing') as double) as centroid_northing
    from attributes
    group by small_area_code
),

deciles as (
    select s.small_area_code, min(s.publisher_value)::integer as imd_decile
    from stage.indices_of_deprivation as s
    join core.measure_columns as c
        on c.source = 'indices_of_deprivation' and c.file = s.file and c.publisher_column = s.publisher_column
    where c.measure = 'imd_decile'
    group by s.small_area_code
)

select
    d.small_area_code,
    d.small_area_name,
    d.authority_code,
    a.authority_name,
    d.ward_code,
    d.ward_year,
    i.imd_decile,
    d.rural_or_urban,
    d.rural_urban_class,
    d.centroid_easting,
    d.centroid_northing,
    coalesce(a.in_place, false) as in_place,
    -- a locality may take in small areas of authorities beyond the place
    a.authority_code is not null as in_reach
from described as d
left join catalogue.authorities as a using (authority_code)
left join deciles as i using (small_area_code)
order by d.small_area_code
