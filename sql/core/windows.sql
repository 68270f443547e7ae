-- One row per source, period (a month, a year, twelve months) that is covered whole, and month within it.
with months as (
    select source, month, coverage_note, rows_read, rows_unplaced from core.coverage
),

rolling as (
    select
        e.source,
        'rolling_12_months' as period_rule,
        strftime(e.month - interval 11 month, '%Y-%m') || ' to ' || strftime(e.month, '%Y-%m') as period,
        (e.month - interval 11 month)::date as period_start,
        e.month as last_month,
        m.month,
        m.coverage_note,
        m.rows_read,
        m.rows_unplaced
    from months as e
    join months as m
        on m.source = e.source and m.month between e.month - interval 11 month and e.month
    qualify count(*) over (partition by e.source, e.month) = 12
),

years as (
    select
        source,
        'year' as period_rule,
        strftime(month, '%Y') as period,
        date_trunc('year', month)::date as period_start,
        (date_trunc('year', month) + interval 11 month)::date as last_month,
        month,
        coverage_note,
        rows_read,
        rows_unplaced
    from months
    qualify count(*) over (partition by source, date_trunc('year', month)) = 12
),

single as (
    select
        source,
        'month' as period_rule,
        strftime(month, '%Y-%m') as period,
        month as period_start,
        month as last_month,
        month,
        coverage_note,
        rows_read,
        rows_unplaced
    from months
)

select
    source,
    period_rule,
    period,
    period_start,
    last_day(last_month) as period_end,
    month,
    nullif(concat_ws(
        '; ',
        max(coverage_note) over period_months,
        -- below one row in twenty it is the usual share; above, the counts here are visibly too low
        case
            when sum(rows_unplaced) over period_months > 0.05 * sum(rows_read) over period_months
            then round(100 * sum(rows_unplaced) over period_months / sum(rows_read) over period_months, 1)
                || '% of the source''s rows have no location and are counted nowhere'
        end
    ), '') as coverage_note
from (from single union all by name from years union all by name from rolling)
window period_months as (partition by source, period_rule, period)
order by source, period_rule, period, month
