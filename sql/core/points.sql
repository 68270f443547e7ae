-- One row per distinct pair of coordinates, in metres of the British National Grid (EPSG:27700).
with distinct_points as (
    select x, y, crs from core.located_events where x is not null
    union
    select longitude, latitude, 'EPSG:4326' from stage.police_api
),

moved as (
    select
        x, y, crs,
        case
            when crs = 'EPSG:27700' then st_point(x, y)
            else st_transform(st_point(x, y), 'EPSG:4326', 'EPSG:27700', always_xy := true)
        end as point
    from distinct_points
)

select
    row_number() over (order by crs, x, y) as point_id,
    x,
    y,
    crs,
    st_x(point) as easting,
    st_y(point) as northing
from moved
order by point_id
