-- One row per indicator and numerator period: the period whose denominator it is divided by; its own, else the latest before it, else the first.
with numerator_periods as (
    select distinct i.indicator_id, n.period, n.period_start, n.period_end
    from catalogue.indicators as i
    join core.windows as n on n.source = i.source and n.period_rule = i.period_rule
    where i.source_rows = 'events' and i.denominator_measure <> ''
    union
    select distinct i.indicator_id, t.period, t.period_start, t.period_end
    from catalogue.indicators as i
    join core.area_totals as t on t.source = i.source and t.measure = i.measure
    where i.source_rows = 'observations' and i.denominator_measure <> ''
),

candidates as (
    select distinct
        n.indicator_id, n.period, n.period_start, n.period_end,
        i.source, i.source_rows, i.denominator_source, i.denominator_measure,
        d.period as denominator_period,
        d.period_start as denominator_start
    from numerator_periods as n
    join catalogue.indicators as i using (indicator_id)
    join core.area_totals as d on d.source = i.denominator_source and d.measure = i.denominator_measure
    -- a proportion within one source is of one and the same period
    where i.denominator_source <> i.source or d.period = n.period
)

select *
from candidates
qualify row_number() over (
    partition by indicator_id, period
    order by denominator_start <= period_end desc, abs(date_diff('day', denominator_start, period_end))
) = 1
order by indicator_id, period_start, period
