-- One row per locality and month that the police API was asked for: its crimes there and the archive's, placed alike.
with asked as (
    select
        regexp_extract(file, '@([^@]+)@', 1) as area_kind,
        regexp_extract(file, '@([^@]+)\.json$', 1) as area_code,
        strptime(left(file, 7), '%Y-%m')::date as month
    from catalogue.files
    where source = 'police_api'
),

both_ways as (
    select distinct area_kind, area_code, month, record_id as key, longitude::decimal(12, 6) as x, latitude::decimal(12, 6) as y, true as by_api
    from stage.police_api
    union all
    -- the archive's rows have no key: file and row number
    select null, null, month, file || '!' || row_number, x, y, false
    from core.located_events
    where source = 'police_crime' and x is not null
),

placed as (
    select l.area_kind, l.area_code, b.month, count(*) filter (b.by_api) as by_api, count(*) filter (not b.by_api) as by_archive
    from both_ways as b
    join core.points as p on p.x = b.x and p.y = b.y and p.crs = 'EPSG:4326'
    join geo.point_areas as l on l.point_id = p.point_id and l.by_edge
    where b.area_code is null or (b.area_code = l.area_code and b.area_kind = l.area_kind)
    group by all
)

select
    a.area_kind,
    a.area_code,
    a.month,
    coalesce(p.by_api, 0) as crimes_by_api,
    coalesce(p.by_archive, 0) as crimes_by_archive,
    coalesce(p.by_api, 0) - coalesce(p.by_archive, 0) as difference,
    round(
        abs(coalesce(p.by_api, 0) - coalesce(p.by_archive, 0)) / greatest(coalesce(p.by_api, 0), coalesce(p.by_archive, 0), 1), 4
    ) as difference_share
from asked as a
-- a month that the archive does not have whole cannot be reconciled
semi join core.coverage as c on c.source = 'police_crime' and c.month = a.month
left join placed as p on p.area_kind = a.area_kind and p.area_code = a.area_code and p.month = a.month
order by a.area_kind, a.area_code, a.month
