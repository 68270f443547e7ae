-- One row per area, what is counted (residents, crimes, sales, collisions) and small area it comes from: the rule, the weight, and the share of the area's total.
with people as (
    -- the newest count of all residents in hand, to weigh small areas by
    select small_area_code, value as people
    from core.small_area_values
    where (source = 'population' and measure = 'all_ages') or (source = 'census_2021' and measure = 'ts038_people')
    qualify rank() over (order by source = 'population' desc, period_start desc) = 1
),

residents as (
    select
        w.area_kind, w.edition, w.area_code, 'residents' as counted, w.small_area_code, w.rule,
        w.weight, w.weight_households, w.weight_children,
        (p.people::decimal(24, 6) * w.weight)::decimal(18, 6) as amount
    from geo.area_weights as w
    left join people as p using (small_area_code)
    where w.assignment = 'declared'
),

events as (
    select
        a.area_kind, a.edition, a.area_code,
        case e.source when 'police_crime' then 'crimes and incidents' when 'price_paid' then 'sales'
            when 'stats19' then 'collisions' else replace(e.source, '_', ' ') end
            as counted,
        h.small_area_code,
        case when k.is_exact then 'point in its small area' else 'point inside its own boundary' end as rule,
        sum(e.events)::decimal(18, 6) as amount
    from core.event_counts as e
    join geo.point_areas as a on a.point_id = e.point_id and a.by_edge
    join catalogue.area_kinds as k on k.area_kind = a.area_kind
    left join geo.point_small_areas as h on h.point_id = e.point_id
    -- what has small numbers to withhold is not told by small area
    where e.source not in (select source from catalogue.indicators where threshold > 1)
    group by all
),

irregular as (
    select distinct code_2021 from core.small_area_changes where change = 'X'
)

select
    l.area_kind,
    nullif(l.edition, '') as edition,
    l.area_code,
    a.area_name,
    l.counted,
    l.small_area_code,
    s.small_area_name,
    2021 as vintage,
    l.rule,
    l.weight,
    l.weight_households,
    l.weight_children,
    l.amount,
    round(
        (l.amount / nullif(sum(l.amount) over (partition by l.area_kind, l.edition, l.area_code, l.counted), 0))::double, 9
    ) as share_of_area,
    case when l.small_area_code is not null then x.code_2021 is null end as is_comparable
from (from residents union all by name from events) as l
join geo.areas as a on a.area_kind = l.area_kind and a.edition = l.edition and a.area_code = l.area_code
join catalogue.area_kinds as k on k.area_kind = l.area_kind
left join core.small_areas as s on s.small_area_code = l.small_area_code
left join irregular as x on x.code_2021 = l.small_area_code
order by k.position, l.edition, l.area_code, l.counted = 'residents' desc, l.counted, l.small_area_code
