-- One row per month, with the vintage of the police's small-area codes in it: how often the code on the row is where we find its point.
with coded as (
    select e.month, e.lsoa_code, h.small_area_code, count(*) as events
    from core.located_events as e
    join core.points as p on p.x = e.x and p.y = e.y and p.crs = e.crs
    join geo.point_small_areas as h using (point_id)
    join core.small_areas as s on s.small_area_code = h.small_area_code
    where e.lsoa_code is not null and s.in_place
    group by all
),

sets as (
    select code, bool_or(vintage = 2011) as in_2011, bool_or(vintage = 2021) as in_2021
    from (
        select code_2011 as code, 2011 as vintage from core.small_area_changes
        union
        select small_area_code, 2021 from core.small_areas
    )
    group by code
),

vintages as (
    -- most codes are in both sets; those in one only tell which set a month was first published with
    select
        c.month,
        case
            when sum(c.events) filter (s.in_2011 and not s.in_2021)
                > coalesce(sum(c.events) filter (s.in_2021 and not s.in_2011), 0)
            then 2011 else 2021
        end as vintage
    from coded as c
    left join sets as s on s.code = c.lsoa_code
    group by c.month
),

compared as (
    select
        c.month, v.vintage,
        sum(c.events)::bigint as events,
        coalesce(sum(c.events) filter (
            case when v.vintage = 2021 then c.lsoa_code = c.small_area_code else x.code_2011 is not null end
        ), 0)::bigint as events_agreeing
    from coded as c
    join vintages as v using (month)
    left join core.small_area_changes as x on x.code_2011 = c.lsoa_code and x.code_2021 = c.small_area_code
    group by all
)

select
    month,
    vintage,
    events,
    events_agreeing,
    round(events_agreeing / events, 6) as agreement,
    round(median(events_agreeing / events) over (partition by vintage), 6) as usual_agreement,
    round(median(events_agreeing / events) over (partition by vintage) - events_agreeing / events, 6) as fall
from compared
order by month
