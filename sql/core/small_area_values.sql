-- One row per source, measure, 2021 small area and period: figures on 2011 small areas and on MSOAs are shared out, never rates or scores.
with periods as (
    select distinct source, measure, counts, period, period_start, period_end
    from core.observations
    where vintage = 2011 and counts in ('people', 'households', 'children')
),

pieces as (
    select
        *,
        case when share_people is not null then row_number() over (partition by code_2011 order by share_people desc, code_2021) = 1 end::integer
            as whole_here
    from core.small_area_changes
),

shared as (
    -- from the lookup, so that a part without a row is seen to be missing
    select
        p.source, p.measure, p.counts, c.code_2021, p.period, p.period_start, p.period_end, o.value, c.change,
        case
            -- counts that are protected stay whole: they go where most of the people live
            when r.source is not null then c.whole_here
            when p.counts = 'households' then c.share_households
            else c.share_people
        end as share
    from periods as p
    cross join pieces as c
    left join (select distinct source from catalogue.indicators where threshold > 1) as r on r.source = p.source
    left join core.observations as o
        on o.source = p.source
        and o.measure = p.measure
        and o.period = p.period
        and o.vintage = 2011
        and o.small_area_code = c.code_2011
)

select source, measure, counts, small_area_code, period, period_start, period_end, value,
    false as shared_out, false as irregular
from core.observations
where vintage = 2021
union all
select
    source, measure, counts, code_2021, period, period_start, period_end,
    -- one missing part makes the whole missing
    case when count(value) = count(*) and count(share) = count(*) then sum(value::decimal(24, 6) * share) end::decimal(18, 6),
    bool_or(change = 'S' and share not in (0, 1)),
    bool_or(change = 'X')
from shared
group by all
having count(value) > 0
union all
select
    v.source, v.measure, v.counts, p.small_area_code, v.period, v.period_start, v.period_end,
    -- a score holds in each part as it does in the whole
    case when v.counts = 'score' then v.value else v.value::decimal(24, 6) * p.share_people end::decimal(18, 6),
    false,
    false
from core.msoa_values as v
join core.msoa_parts as p using (msoa_code)
semi join core.small_areas as a on a.small_area_code = p.small_area_code and a.in_reach
order by source, measure, period, small_area_code
