-- One row per indicator, area, period and assignment: numerator, denominator and value, or the reason why there is none.
with silent as (
    -- of a month without any crime where ten or more were to be expected, nothing is known
    select
        w.source, w.period_rule, w.period, s.area_kind, s.edition, s.area_code,
        'no crime of any type is recorded in ' || string_agg(strftime(s.month, '%Y-%m'), ', ' order by s.month)
        || ', where about ' || round(any_value(s.events_expected))::integer
        || ' a month were to be expected: missing, not zero' as reason
    from core.silent_months as s
    join core.windows as w on w.source = s.source and w.month = s.month
    group by w.source, w.period_rule, w.period, s.area_kind, s.edition, s.area_code
),

whole as (
    select distinct area_kind, edition, assignment from core.bricks
),

from_events as (
    select
        i.indicator_id, e.area_kind, e.edition, e.area_code, e.assignment, e.period, e.period_start, e.period_end,
        -- what is protected is counted in whole small areas, whatever is made of it
        case
            when q.reason is null and i.method = 'count' and i.threshold <= 1 then e.events
            when q.reason is null then e.events_in_small_areas
        end::decimal(18, 4) as numerator,
        d.denominator,
        case
            when q.reason is not null then null
            when i.method = 'count' then case when i.threshold <= 1 then e.events else e.events_in_small_areas end::double
            when d.denominator > 0 then e.events_in_small_areas::double / d.denominator::double * i.per
        end as value,
        case
            when q.reason is not null then q.reason
            when i.method <> 'count' and d.area_code is null
                then 'no figure to divide by: the file is not in hand, or no small area is assigned to the area'
            when i.method <> 'count' and d.denominator is null
                then 'no figure to divide by for some of its small areas'
            when i.method <> 'count' and d.denominator = 0 then 'the denominator is zero'
        end as reason,
        concat_ws('; ', e.coverage_note, d.denominator_note) as remark
    from catalogue.indicators as i
    join core.area_events as e
        on e.source = i.source and e.measure = i.measure and e.period_rule = i.period_rule
    left join evidence.denominators as d
        on d.indicator_id = i.indicator_id and d.period = e.period
        and d.area_kind = e.area_kind and d.edition = e.edition and d.area_code = e.area_code
        and d.assignment = e.residents_by
    left join silent as q
        on q.source = e.source and q.period_rule = e.period_rule and q.period = e.period
        and q.area_kind = e.area_kind and q.edition = e.edition and q.area_code = e.area_code
    left join (select distinct area_kind, edition from whole) as w on w.area_kind = e.area_kind and w.edition = e.edition
    where i.source_rows = 'events'
        and (i.method = 'rate' or (i.method = 'count' and e.assignment in ('declared', '50 m in', '50 m out')))
        and (i.threshold <= 1 or (e.assignment = 'declared' and w.area_kind is not null))
),

medians as (
    select
        i.indicator_id, e.area_kind, e.edition, e.area_code, e.assignment, e.period, e.period_start, e.period_end,
        e.events::decimal(18, 4) as numerator,
        null::decimal(18, 4) as denominator,
        case when e.events >= 5 then a.median_amount end as value,
        case when e.events < 5 then 'fewer than 5 sales' end as reason,
        'numerator is the number of sales' as remark
    from catalogue.indicators as i
    join core.area_events as e
        on e.source = i.source and e.measure = i.measure and e.period_rule = i.period_rule
    left join core.area_amounts as a
        on a.source = e.source and a.measure = e.measure and a.period_rule = e.period_rule
        and a.period = e.period and a.area_kind = e.area_kind and a.edition = e.edition
        and a.area_code = e.area_code and a.assignment = e.assignment
    where i.method = 'median' and e.assignment in ('declared', '50 m in', '50 m out')
),

from_observations as (
    select
        i.indicator_id, t.area_kind, t.edition, t.area_code,
        case when i.threshold > 1 then 'declared' else t.assignment end as assignment,
        t.period, t.period_start, t.period_end,
        case when m.reason is null then t.total end::decimal(18, 4) as numerator,
        case when m.reason is null then d.denominator end as denominator,
        case
            when m.reason is not null then null
            when i.method = 'count' then t.total::double
            when d.denominator > 0 then t.total::double / d.denominator::double * i.per
        end as value,
        case
            when t.total is null and t.irregular_small_areas > 0
                then t.irregular_small_areas || ' of its ' || t.small_areas
                || ' small areas changed irregularly between 2011 and 2021: not comparable'
            when t.total is null
                then t.small_areas - t.small_areas_with_a_figure || ' of its ' || t.small_areas
                || ' small areas have no figure'
            when m.reason is not null then m.reason
            when i.method <> 'count' and d.denominator is null then 'no figure to divide by'
            when i.method <> 'count' and d.denominator = 0 then 'the denominator is zero'
        end as reason,
        concat_ws(
            '; ',
            case when t.shared_out then 'partly shared out from 2011 small areas' end,
            m.note,
            d.denominator_note
        ) as remark
    from catalogue.indicators as i
    join core.area_totals as t on t.source = i.source and t.measure = i.measure
    left join evidence.denominators as d
        on d.indicator_id = i.indicator_id and d.period = t.period
        and d.area_kind = t.area_kind and d.edition = t.edition and d.area_code = t.area_code
        and d.assignment = t.assignment
    left join core.msoa_cover as m
        on m.source = t.source and m.measure = t.measure and m.period = t.period
        and m.area_kind = t.area_kind and m.edition = t.edition and m.area_code = t.area_code
        and m.assignment = t.assignment
    left join whole as w on w.area_kind = t.area_kind and w.edition = t.edition and w.assignment = t.assignment
    where i.source_rows = 'observations' and i.method in ('count', 'rate', 'proportion')
        and (i.threshold <= 1 or w.assignment is not null)
),

weighted_means as (
    select
        t.indicator_id, t.area_kind, t.edition, t.area_code, t.assignment, t.period, t.period_start, t.period_end,
        case when m.reason is null then t.score_times_people end as numerator,
        case when m.reason is null then t.people end as denominator,
        case
            when t.people > 0 and m.reason is null then t.score_times_people::double / t.people::double
        end as value,
        case
            when t.people is null
                then t.small_areas - t.small_areas_with_a_figure || ' of its ' || t.small_areas
                || ' small areas have no figure'
            when t.people = 0 then 'the denominator is zero'
            when m.reason is not null then m.reason
        end as reason,
        concat_ws(
            '; ',
            'average of small areas, weighted by people; numerator is score times people',
            case when t.shared_out then 'partly shared out from 2011 small areas' end,
            m.note
        ) as remark
    from core.weighted_totals as t
    join catalogue.indicators as i using (indicator_id)
    left join core.msoa_cover as m
        on m.source = i.denominator_source and m.measure = i.denominator_measure and m.period = t.period
        and m.area_kind = t.area_kind and m.edition = t.edition and m.area_code = t.area_code
        and m.assignment = t.assignment
),

published as (
    select
        i.indicator_id, a.area_kind, a.edition, a.area_code, 'declared' as assignment, f.period, f.period_start, f.period_end,
        f.numerator,
        f.denominator,
        f.publisher_value::double as value,
        case when f.publisher_value is null then coalesce(f.value_note, 'the publisher gives no value') end as reason,
        case when f.publisher_value is not null then f.value_note end as remark
    from catalogue.indicators as i
    join core.published as f on f.source = i.source and f.measure = i.measure
    join geo.areas as a on a.area_code = f.area_code
    where i.method = 'as_published'
),

counted as (
    from from_events
    union all by name from medians
    union all by name from from_observations
    union all by name from weighted_means
    union all by name from published
),

protected as (
    -- counts of a protected source are rounded here, small ones included, before anything is made of them
    select
        c.*, i.method, i.per, i.threshold, i.base,
        floor(coalesce(c.numerator, c.value)::double / i.base + 0.5) * i.base as rounded,
        case
            when i.threshold <= 1 or c.value is null then null
            when i.method not in ('count', 'rate', 'proportion', 'as_published')
                then 'withheld: only counts, and what is made of counts, can be rounded against disclosure'
            when coalesce(c.numerator, c.value)::double <> floor(coalesce(c.numerator, c.value)::double)
                then 'withheld: it is no whole number, and cannot be rounded against disclosure'
            when c.denominator < i.threshold then 'withheld: fewer than ' || i.threshold || ' to divide by'
            when coalesce(c.numerator, c.value) < i.base / 2.0
                then 'low: from 0 to ' || ((i.base - 1) // 2) || ', rounded to ' || i.base
        end as withheld
    from counted as c
    join catalogue.indicators as i using (indicator_id)
)

select
    v.indicator_id,
    v.area_kind,
    v.edition,
    v.area_code,
    v.assignment,
    v.period,
    v.period_start,
    v.period_end,
    case
        when v.threshold <= 1 then v.numerator
        when v.withheld is null and v.numerator is not null and v.value is not null then v.rounded
    end::decimal(18, 4) as numerator,
    v.denominator::decimal(18, 4) as denominator,
    case
        when v.threshold <= 1 then v.value
        when v.withheld is not null or v.value is null then null
        when v.method in ('rate', 'proportion') then v.rounded / v.denominator::double * v.per
        else v.rounded
    end as value,
    case
        when v.withheld is not null then v.withheld
        else nullif(concat_ws(
            '; ',
            v.reason,
            case when v.threshold > 1 and v.value is not null then 'rounded to ' || v.base end,
            nullif(v.remark, '')
        ), '')
    end as note
from protected as v
join catalogue.indicator_area_kinds as k on k.indicator_id = v.indicator_id and k.area_kind = v.area_kind
join geo.areas as a
    on a.area_kind = v.area_kind and a.edition = v.edition and a.area_code = v.area_code
    and v.period_end between a.in_force_from and a.in_force_to
