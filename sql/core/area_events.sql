-- One row per source, measure, period, area and assignment: how many events fell in it, or what they weigh; a covered period without events is a true zero.
with wanted as (
    select distinct source, measure, period_rule from catalogue.indicators where source_rows = 'events'
),

spoken as (
    -- a kind that the publisher had not yet, or no longer, is not a kind that did not happen
    select w.source, w.measure, min(e.month) as first_month, max(e.month) as last_month
    from (select distinct source, measure from wanted) as w
    join core.measure_columns as c on c.source = w.source and c.measure = w.measure
    join core.event_counts as e on e.source = c.source and e.kind = c.publisher_column
    group by all
),

summed as (
    select
        w.source, w.measure, w.period_rule, n.period, n.period_start, n.period_end,
        a.area_kind, a.edition, a.area_code,
        coalesce(sum(m.events), 0)::decimal(18, 6) as events,
        coalesce(sum(m.events_in), 0)::decimal(18, 6) as events_in,
        coalesce(sum(m.events_out), 0)::decimal(18, 6) as events_out,
        coalesce(sum(m.bricks), 0)::decimal(18, 6) as bricks,
        coalesce(sum(m.bricks_in), 0)::decimal(18, 6) as bricks_in,
        coalesce(sum(m.bricks_out), 0)::decimal(18, 6) as bricks_out,
        any_value(n.coverage_note) as coverage_note
    from wanted as w
    join core.windows as n on n.source = w.source and n.period_rule = w.period_rule
    join spoken as s
        on s.source = w.source and s.measure = w.measure
        and n.period_start >= s.first_month
        and (n.period_end <= last_day(s.last_month) or n.period_rule = 'as_published')
    join geo.areas as a on n.period_end between a.in_force_from and a.in_force_to
    left join core.monthly_events as m
        on m.source = w.source
        and m.measure = w.measure
        and m.month = n.month
        and m.area_kind = a.area_kind
        and m.edition = a.edition
        and m.area_code = a.area_code
    group by all
),

assignments as (
    select area_kind, edition, 'declared' as assignment from geo.areas
    union
    select area_kind, edition, '50 m in' from geo.areas
    union
    select area_kind, edition, '50 m out' from geo.areas
    union
    select area_kind, edition, assignment from geo.area_weights
)

select
    s.source, s.measure, s.period_rule, s.period, s.period_start, s.period_end,
    s.area_kind, s.edition, s.area_code, a.assignment,
    case a.assignment
        when '50 m in' then s.events_in when '50 m out' then s.events_out else s.events
    end as events,
    -- of the small areas counted in the area: what a rate of their residents is made from;
    -- residents shared out by another rule belong to the events inside the area's own edge
    case a.assignment
        when 'declared' then s.bricks
        when '50 m in' then s.bricks_in
        when '50 m out' then s.bricks_out
        else s.events
    end as events_in_small_areas,
    case
        when a.assignment not in ('declared', '50 m in', '50 m out') then a.assignment
        -- events go with whole small areas, and so must the residents that they are divided by
        when b.area_kind is not null then 'best_fit'
        else 'declared'
    end as residents_by,
    s.coverage_note
from summed as s
join assignments as a on a.area_kind = s.area_kind and a.edition = s.edition
left join assignments as b
    on b.area_kind = s.area_kind and b.edition = s.edition and b.assignment = 'best_fit'
-- an area that is the lesser part of each of its small areas has none, and its events cannot be told
left join (
    select distinct area_kind, edition, area_code from geo.area_weights where assignment = 'best_fit'
) as w on w.area_kind = s.area_kind and w.edition = s.edition and w.area_code = s.area_code
where b.area_kind is null or w.area_code is not null
order by
    s.source, s.measure, s.period_rule, s.period_start, s.area_kind, s.edition, s.area_code, a.assignment
