-- One row per source, measure, 2021 small area and period: figures on 2011 small areas are shared out, never rates or scores.
with shared as (
    select
        o.source, o.measure, o.counts, c.code_2021, o.period, o.period_start, o.period_end, o.value, c.change,
        case when o.counts = 'households' then c.share_households else c.share_people end as share
    from core.observations as o
    join core.small_area_changes as c on c.code_2011 = o.small_area_code
    where o.vintage = 2011 and o.counts in ('people', 'households')
)

select source, measure, counts, small_area_code, period, period_start, period_end, value, false as shared_out
from core.observations
where vintage = 2021
union all
select
    source, measure, counts, code_2021, period, period_start, period_end,
    -- one missing part makes the whole missing
    case when count(share) = count(*) then sum(value::decimal(24, 6) * share) end::decimal(18, 6),
    bool_or(change <> 'U')
from shared
group by all
order by source, measure, period, small_area_code
