-- One row per protected source, measure, small area and span of time (a month, or a period as given): the whole count that every geography is made from.
with topics as (
    select distinct source, measure, source_rows from catalogue.indicators where threshold > 1
)

select t.source, t.measure, h.small_area_code as brick, strftime(e.month, '%Y-%m-%d') as span, sum(e.events)::double as people
from topics as t
join core.measure_columns as c on c.source = t.source and c.measure = t.measure
join core.event_counts as e on e.source = c.source and e.kind = c.publisher_column
join geo.point_small_areas as h on h.point_id = e.point_id
where t.source_rows = 'events'
group by all
union all
select v.source, v.measure, v.small_area_code, v.period, v.value::double
from topics as t
join core.small_area_values as v on v.source = t.source and v.measure = t.measure
where t.source_rows = 'observations' and v.value is not null
union all
-- what is given for whole areas has no smaller part
select p.source, p.measure, p.area_code, p.period, p.publisher_value::double
from topics as t
join core.published as p on p.source = t.source and p.measure = t.measure
where t.source_rows = 'published' and p.publisher_value is not null
order by source, measure, brick, span
