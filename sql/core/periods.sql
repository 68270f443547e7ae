-- One row per source of events, period (a month, a year, twelve months) within the months in hand or asked for, and month within it: why the month is absent, if it is.
with months as (
    select source, month, null as absence from core.coverage
    union all
    select source, month, reason from core.absent_months
),

single as (
    select
        source, 'month' as period_rule, strftime(month, '%Y-%m') as period,
        month as period_start, month as last_month, month, absence
    from months
),

years as (
    select
        source, 'year' as period_rule, strftime(month, '%Y') as period,
        date_trunc('year', month)::date as period_start,
        (date_trunc('year', month) + interval 11 month)::date as last_month,
        month, absence
    from months
    qualify count(*) over (partition by source, date_trunc('year', month)) = 12
),

rolling as (
    select
        e.source, 'rolling_12_months' as period_rule,
        strftime(e.month - interval 11 month, '%Y-%m') || ' to ' || strftime(e.month, '%Y-%m') as period,
        (e.month - interval 11 month)::date as period_start,
        e.month as last_month,
        m.month, m.absence
    from months as e
    join months as m
        on m.source = e.source and m.month between e.month - interval 11 month and e.month
    qualify count(*) over (partition by e.source, e.month) = 12
)

select source, period_rule, period, period_start, last_day(last_month) as period_end, month, absence
from (from single union all by name from years union all by name from rolling)
order by source, period_rule, period_start, month
