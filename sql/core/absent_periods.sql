-- One row per source of events, period rule and run of consecutive periods that are not covered whole for the same reason.
with judged as (
    select
        source, period_rule, period, period_start,
        string_agg(distinct absence, '; ' order by absence) as reason,
        row_number() over (partition by source, period_rule order by period_start) as place
    from core.periods
    group by source, period_rule, period, period_start
),

absent as (
    select
        *,
        -- grows only where periods of another kind stand between
        place - row_number() over (partition by source, period_rule, reason order by place) as run
    from judged
    where reason is not null
)

select
    source,
    period_rule,
    reason,
    arg_min(period, period_start) as first_period,
    arg_max(period, period_start) as last_period,
    min(period_start) as first_start,
    count(*) as periods
from absent
group by source, period_rule, reason, run
order by source, period_rule, first_start
