-- One row per indicator, kind of locality, reason and run of periods: what the evidence does not say, and why.
with localities as (
    select area_kind, count(distinct area_code) as areas from geo.areas group by area_kind
),

wanted as (
    select indicator_id, list(area_kind order by k.position) as area_kinds
    from catalogue.indicator_area_kinds
    join catalogue.area_kinds as k using (area_kind)
    group by indicator_id
),

not_asked_for as (
    select
        i.indicator_id, k.area_kind, 'not asked for' as gap,
        case
            when i.source_rows = 'published' then 'figures published for whole areas are not shared out to others: '
            else ''
        end
        || 'its entry asks for ' || coalesce(array_to_string(w.area_kinds, ', '), 'no kind of locality') || ' only'
            as reason
    from catalogue.indicators as i
    cross join catalogue.area_kinds as k
    left join wanted as w using (indicator_id)
    anti join catalogue.kinds_kept_back as b on b.indicator_id = i.indicator_id and b.area_kind = k.area_kind
    where not coalesce(list_contains(w.area_kinds, k.area_kind), false)
),

kept_back as (
    select
        b.indicator_id, b.area_kind, 'withheld' as gap,
        case
            when w.area_kinds is null then 'kept to kinds of locality that its entry does not ask for, against disclosure'
            else 'kept to ' || array_to_string(w.area_kinds, ', ')
                || ' against disclosure: together with those, this kind of locality could single out a few people'
        end as reason
    from catalogue.kinds_kept_back as b
    left join wanted as w using (indicator_id)
),

no_localities as (
    select
        indicator_id, area_kind, 'no localities' as gap,
        'no locality of this kind is in hand: its boundaries or its list are missing' as reason
    from catalogue.indicator_area_kinds
    anti join localities using (area_kind)
),

asked as (
    select i.*, k.area_kind
    from catalogue.indicators as i
    join catalogue.indicator_area_kinds as k using (indicator_id)
    semi join localities as l on l.area_kind = k.area_kind
),

absent_periods as (
    select
        a.indicator_id, a.area_kind, 'period not covered' as gap, p.reason,
        p.first_period, p.last_period, p.periods
    from asked as a
    join core.absent_periods as p on p.source = a.source and p.period_rule = a.period_rule
    -- of a source that is not in hand each cell says so
    anti join catalogue.source_gaps as g on g.source = a.source
),

named as (
    select source, measure, period_rule, min(period_start) as first_start, max(period_start) as last_start
    from core.area_events
    group by source, measure, period_rule
),

unnamed_periods as (
    select
        a.indicator_id, a.area_kind, 'not published' as gap,
        case
            when w.period_start < n.first_start then 'the publisher did not name yet what it counts'
            else 'the publisher no longer names what it counts'
        end as reason,
        arg_min(w.period, w.period_start) as first_period,
        arg_max(w.period, w.period_start) as last_period,
        count(*) as periods
    from asked as a
    join named as n on n.source = a.source and n.measure = a.measure and n.period_rule = a.period_rule
    join (select distinct source, period_rule, period, period_start from core.windows) as w
        on w.source = a.source and w.period_rule = a.period_rule
        and w.period_start not between n.first_start and n.last_start
    group by all
),

cells as (
    select indicator_id, area_kind, area_code, period, period_start, period_end, value, gap, note
    from evidence.cells
),

-- what is published for some areas of a kind and period, and not for others
unpublished as (
    select p.indicator_id, p.area_kind, a.area_code, p.period, p.period_start, p.period_end
    from (
        select distinct c.indicator_id, c.area_kind, c.period, c.period_start, c.period_end
        from cells as c
        join catalogue.indicators as i using (indicator_id)
        where i.source_rows = 'published' and c.period is not null
    ) as p
    join geo.areas as a
        on a.area_kind = p.area_kind and p.period_end between a.in_force_from and a.in_force_to
    anti join cells as c
        on c.indicator_id = p.indicator_id and c.area_kind = p.area_kind and c.area_code = a.area_code
        and (c.period = p.period or c.period is null)
),

by_area as (
    select
        indicator_id, area_kind, gap, regexp_replace(note, '^no figure: ', '') as reason,
        count(distinct area_code) as areas,
        list(distinct area_code order by area_code) as codes,
        first(period order by period_start, period_end, period) as first_period,
        last(period order by period_start, period_end, period) as last_period,
        count(distinct period) as periods
    from (
        select * exclude (value) from cells where value is null
        union all by name
        select *, 'not published' as gap, 'the publisher gives none for this area and period' as note
        from unpublished
    )
    group by indicator_id, area_kind, gap, reason
),

found as (
    select * from by_area
    union all by name
    from absent_periods
    union all by name
    from unnamed_periods
    union all by name
    from not_asked_for
    union all by name
    from kept_back
    union all by name
    from no_localities
)

select
    array_to_string(i.themes, '; ') as theme,
    g.indicator_id,
    i.label as indicator,
    i.source,
    g.area_kind,
    g.gap,
    -- a reason that a spreadsheet would run as a formula is shown as the text it is
    regexp_replace(g.reason, '^([=+@\t\r-])', '''\1') as reason,
    coalesce(g.areas, l.areas, 0)::integer as areas,
    case
        when g.areas < l.areas
        then array_to_string(g.codes[1:10], ', ') || case when g.areas > 10 then ' and ' || g.areas - 10 || ' more' else '' end
    end as area_codes,
    g.first_period,
    g.last_period,
    coalesce(g.periods, 0)::integer as periods
from found as g
join catalogue.indicators as i using (indicator_id)
join catalogue.area_kinds as k using (area_kind)
left join localities as l using (area_kind)
order by i.position, k.position, g.gap, g.first_period nulls first, g.reason
