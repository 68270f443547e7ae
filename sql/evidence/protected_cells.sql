-- One row per figure of a protected source that is shown: the small areas and the spans of time that it adds up, and between which bounds its count is told to lie.
with topics as (
    select * from catalogue.indicators where threshold > 1
),

spans as (
    select distinct t.indicator_id, w.period, strftime(w.month, '%Y-%m-%d') as span
    from topics as t
    join core.windows as w on w.source = t.source and w.period_rule = t.period_rule
    where t.source_rows = 'events'
    union
    select distinct c.indicator_id, c.period, c.period
    from evidence.cells as c
    join topics as t on t.indicator_id = c.indicator_id and t.source_rows <> 'events'
    where c.period is not null
),

listed as (
    select indicator_id, period, list(span order by span) as spans from spans group by indicator_id, period
),

bricks as (
    select area_kind, edition, area_code, list(small_area_code order by small_area_code) as bricks
    from core.bricks
    group by area_kind, edition, area_code
)

select
    t.source, t.measure, t.indicator_id, c.area_kind, c.edition, c.area_code, c.period, t.period_rule,
    case when t.source_rows = 'published' then [c.area_code] else b.bricks end as bricks,
    s.spans,
    coalesce(c.numerator, c.value, 0)::double as shown,
    t.base
from evidence.cells as c
join topics as t using (indicator_id)
join listed as s on s.indicator_id = c.indicator_id and s.period = c.period
left join bricks as b on b.area_kind = c.area_kind and b.edition = c.edition and b.area_code = c.area_code
-- a figure that is withheld for what it would be divided by tells nothing of its count
where c.value is not null or starts_with(c.note, 'low: ')
order by t.position, c.area_kind, c.edition, c.area_code, c.period_start, c.period
