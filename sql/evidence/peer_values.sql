-- One row per indicator, period, locality and peer: the peer's value, added up from its small areas; those of which a part is missing are left out.
with asked as (
    -- of protected counts no small area is told, estimates are not compared, and places that were called
    -- alike by a measure are alike in it
    select i.*
    from catalogue.indicators as i
    anti join core.peer_features as f on f.source = i.source and f.measure = i.measure
    where threshold <= 1 and not modelled and method in ('rate', 'proportion', 'weighted_mean')
),

groups as (
    select coverage, area_kind, edition, area_code, peer, count(*) as small_areas
    from evidence.peer_members
    group by all
),

monthly as (
    select e.source, c.measure, e.month, h.small_area_code,
        sum(case when m.weighted then e.weight else e.events end) as events
    from core.event_counts as e
    join core.measure_columns as c on c.source = e.source and c.publisher_column = e.kind
    join (select distinct source, measure from asked where source_rows = 'events') as a
        on a.source = c.source and a.measure = c.measure
    join (select distinct source, measure, weighted from catalogue.measures) as m
        on m.source = c.source and m.measure = c.measure
    join geo.point_small_areas as h on h.point_id = e.point_id
    group by all
),

monthly_of_peers as (
    select p.area_kind, p.edition, p.area_code, p.peer, m.source, m.measure, m.month, sum(m.events) as events
    from monthly as m
    join evidence.peer_members as p on p.small_area_code = m.small_area_code and p.coverage = 'place'
    group by all
),

-- a period that some area of the kind has a figure of is covered: no event is none
periods as (
    select distinct a.indicator_id, a.source, a.measure, a.period_rule, c.period
    from asked as a
    join evidence.cells as c on c.indicator_id = a.indicator_id and c.value is not null
    where a.source_rows = 'events'
),

events as (
    select p.indicator_id, p.period, g.coverage, g.area_kind, g.edition, g.area_code, g.peer,
        coalesce(sum(m.events), 0)::double as numerator
    from periods as p
    cross join groups as g
    join core.windows as w on w.source = p.source and w.period_rule = p.period_rule and w.period = p.period
    left join monthly_of_peers as m
        on m.source = p.source and m.measure = p.measure and m.month = w.month
        and m.area_kind = g.area_kind and m.edition = g.edition and m.area_code = g.area_code and m.peer = g.peer
    where g.coverage = 'place'
    group by all
),

values_asked as (
    select source, measure from asked where source_rows = 'observations'
    union
    select denominator_source, denominator_measure from asked
),

totals as (
    select v.source, v.measure, v.period, p.coverage, p.area_kind, p.edition, p.area_code, p.peer,
        sum(v.value::double) as total
    from core.small_area_values as v
    semi join values_asked as a on a.source = v.source and a.measure = v.measure
    join evidence.peer_members as p on p.small_area_code = v.small_area_code
    join groups as g
        on g.coverage = p.coverage and g.area_kind = p.area_kind and g.edition = p.edition
        and g.area_code = p.area_code and g.peer = p.peer
    group by all
    having count(v.value) = any_value(g.small_areas)
),

scores as (
    select i.indicator_id, s.period, p.area_kind, p.edition, p.area_code, p.peer,
        sum(s.value::double * d.value::double) / nullif(sum(d.value::double), 0) as value
    from asked as i
    join core.small_area_values as s on s.source = i.source and s.measure = i.measure
    left join core.small_area_values as d
        on d.source = i.denominator_source and d.measure = i.denominator_measure
        and d.period = s.period and d.small_area_code = s.small_area_code
    join evidence.peer_members as p on p.small_area_code = s.small_area_code and p.coverage = 'whole'
    join groups as g
        on g.coverage = p.coverage and g.area_kind = p.area_kind and g.edition = p.edition
        and g.area_code = p.area_code and g.peer = p.peer
    where i.method = 'weighted_mean'
    group by all
    having count(s.value * d.value) = any_value(g.small_areas)
),

numerators as (
    select indicator_id, period, coverage, area_kind, edition, area_code, peer, numerator from events
    union all
    select i.indicator_id, t.period, t.coverage, t.area_kind, t.edition, t.area_code, t.peer, t.total
    from asked as i
    join totals as t on t.source = i.source and t.measure = i.measure and t.coverage = 'whole'
    where i.source_rows = 'observations' and i.method in ('rate', 'proportion')
)

select
    n.indicator_id, n.period, n.area_kind, n.edition, n.area_code, n.peer,
    n.numerator::double as numerator, d.total as denominator, n.numerator / d.total * i.per as value
from numerators as n
join asked as i using (indicator_id)
join evidence.denominator_periods as p on p.indicator_id = n.indicator_id and p.period = n.period
join totals as d
    on d.source = i.denominator_source and d.measure = i.denominator_measure and d.period = p.denominator_period
    and d.coverage = n.coverage and d.area_kind = n.area_kind and d.edition = n.edition
    and d.area_code = n.area_code and d.peer = n.peer
where d.total > 0
union all
select indicator_id, period, area_kind, edition, area_code, peer, null, null, value
from scores
where value is not null
order by indicator_id, period, area_kind, edition, area_code, peer
