-- One row per indicator, area and period, with the whole place's value beside it; where nothing is in hand, one row with the reason.
with declared as (
    select * from evidence.indicator_values where assignment = 'declared'
),

areas_with_events as (
    select distinct area_kind, area_code from core.area_events
    union
    -- where no kind of area has an event, it is the files that lack
    select area_kind, area_code from geo.areas anti join core.area_events using (area_kind)
),

areas_of_whole_small_areas as (
    select distinct area_kind, area_code from core.bricks
),

areas_with_small_areas as (
    select distinct area_kind, area_code from geo.area_weights where assignment = 'declared'
),

lacks as (
    select distinct
        i.indicator_id, a.area_kind, arg_max(a.edition, a.in_force_from) over area as edition, a.area_code,
        case
            when g.reason is not null then {gap: 'not in hand', why: g.reason}
            when x.reason is not null then {gap: x.gap, why: x.reason}
            -- a county council does not deliver what its districts do, nor they what it does
            when i.source_rows = 'published' and i.tier = 'county' and regexp_matches(a.area_code, '^[EX]07')
                then {gap: 'not applicable', why: 'a district council does not deliver it: the county council does'}
            when i.source_rows = 'published' and i.tier = 'district' and regexp_matches(a.area_code, '^[EX]10')
                then {gap: 'not applicable', why: 'the county council does not deliver it: district councils do'}
            when i.source_rows = 'published'
                then {gap: 'not published', why: 'the publisher gives none for this area'}
            when a.in_force_from > date '0001-01-01' or a.in_force_to < date '9999-12-31'
                then {gap: 'period not covered', why: 'its boundaries were in force at the end of no period in hand'}
            when i.source_rows = 'events' and p.area_code is null
                then {
                    gap: 'cannot be computed',
                    why: 'it is the lesser part of each of its small areas: what happened in it cannot be told'
                }
            when i.threshold > 1 and b.area_code is null
                then {
                    gap: 'cannot be computed',
                    why: 'no small area is counted whole in it: what is protected is counted in whole ones only'
                }
            when i.source_rows = 'events' and w.source is not null
                then {gap: 'not published', why: 'the files in hand do not name what it counts'}
            when i.source_rows = 'events'
                then {
                    gap: 'period not covered',
                    why: 'no period asked for is covered whole by the files in hand'
                }
            when i.source_rows = 'observations' and n.area_code is null
                then {
                    gap: 'cannot be computed',
                    why: 'no small area has its population-weighted centroid in it'
                }
            else {gap: 'not in hand', why: 'the files in hand have no column for it'}
        end as lack
    from catalogue.indicators as i
    join catalogue.indicator_area_kinds as k using (indicator_id)
    join geo.areas as a using (area_kind)
    left join catalogue.source_gaps as g on g.source = i.source
    left join core.kept_out as x on x.source = i.source and x.measure = i.measure
    left join areas_with_small_areas as n on n.area_kind = a.area_kind and n.area_code = a.area_code
    left join areas_with_events as p on p.area_kind = a.area_kind and p.area_code = a.area_code
    left join areas_of_whole_small_areas as b on b.area_kind = a.area_kind and b.area_code = a.area_code
    left join (select distinct source, period_rule from core.windows) as w
        on w.source = i.source and w.period_rule = i.period_rule
    anti join declared as v
        on v.indicator_id = i.indicator_id and v.area_kind = a.area_kind and v.area_code = a.area_code
    window area as (partition by i.indicator_id, a.area_kind, a.area_code)
),

ranges as (
    -- what the other defensible rules and edges would make of it
    select
        indicator_id, area_kind, edition, area_code, period,
        min(value) as assignment_low,
        max(value) as assignment_high
    from evidence.indicator_values
    group by all
),

published_limits as (
    select i.indicator_id, p.area_code, p.period, p.lower_ci, p.upper_ci
    from catalogue.indicators as i
    join core.published as p on p.source = i.source and p.measure = i.measure
    where i.method = 'as_published'
),

prices as (
    select i.indicator_id, a.area_kind, a.edition, a.area_code, a.period, a.amounts
    from catalogue.indicators as i
    join core.area_amounts as a
        on a.source = i.source and a.measure = i.measure and a.period_rule = i.period_rule
    where i.method = 'median' and a.assignment = 'declared'
),

cells as (
    select
        v.*,
        case
            when v.value is not null then null
            when starts_with(v.note, 'withheld: ') or starts_with(v.note, 'low: ') then 'withheld'
            when i.source_rows <> 'published' then 'cannot be computed'
            when regexp_matches(v.note, 'suppress|disclos|withheld', 'i') then 'withheld'
            else 'not published'
        end as gap
    from declared as v
    join catalogue.indicators as i using (indicator_id)
    union all by name
    select indicator_id, area_kind, edition, area_code, lack.gap as gap, 'no figure: ' || lack.why as note
    from lacks
)

select
    c.indicator_id,
    c.area_kind,
    c.edition,
    c.area_code,
    c.period,
    c.period_start,
    c.period_end,
    c.numerator,
    c.denominator,
    c.value,
    i.method,
    i.per,
    i.polarity,
    p.lower_ci as published_lower,
    p.upper_ci as published_upper,
    m.amounts,
    -- published for whole areas, it does not hang on our assignment; of small numbers that are withheld
    -- a range would tell what lies between two edges
    case when c.value is not null and i.source_rows <> 'published' and i.threshold <= 1 then r.assignment_low end
        as assignment_low,
    case when c.value is not null and i.source_rows <> 'published' and i.threshold <= 1 then r.assignment_high end
        as assignment_high,
    case when c.area_kind <> 'place' and w.value is not null then l.place_name end as comparator,
    case when c.area_kind <> 'place' then w.value end as comparator_value,
    c.note,
    c.gap
from cells as c
join catalogue.indicators as i using (indicator_id)
cross join catalogue.place as l
left join declared as w
    on w.indicator_id = c.indicator_id and w.period = c.period and w.area_kind = 'place'
left join ranges as r
    on r.indicator_id = c.indicator_id and r.area_kind = c.area_kind and r.edition = c.edition
    and r.area_code = c.area_code and r.period = c.period
left join published_limits as p
    on p.indicator_id = c.indicator_id and p.area_code = c.area_code and p.period = c.period
left join prices as m
    on m.indicator_id = c.indicator_id and m.area_kind = c.area_kind and m.edition = c.edition
    and m.area_code = c.area_code and m.period = c.period
order by c.indicator_id, c.area_kind, c.area_code, c.period_start nulls first, c.period
