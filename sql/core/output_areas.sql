-- One row per output area, put together over the files in hand: each column from the newest file that has it.
with files as (
    select
        f.file,
        -- of files that repeat each other the one accepted last is right
        row_number() over (order by coalesce(l.position, -1), f.file) as recency
    from (select distinct file from stage.output_areas) as f
    left join catalogue.files as l on l.source = 'output_areas' and l.file = f.file
)

select
    o.output_area_code,
    arg_max(o.small_area_code, f.recency) as small_area_code,
    arg_max(o.msoa_code, f.recency) as msoa_code,
    arg_max(o.easting, f.recency) as easting,
    arg_max(o.northing, f.recency) as northing,
    arg_max(o.people, f.recency) as people,
    arg_max(o.households, f.recency) as households,
    arg_max(o.children, f.recency) as children
from stage.output_areas as o
join files as f using (file)
group by o.output_area_code
order by o.output_area_code
