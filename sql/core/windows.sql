-- One row per source, period (a month, a year, twelve months) that is covered whole, and month within it.
with covered as (
    select
        p.source, p.period_rule, p.period, p.period_start, p.period_end, p.month,
        c.coverage_note, c.rows_read, c.rows_unplaced
    from core.periods as p
    left join core.coverage as c using (source, month)
    qualify count(p.absence) over (partition by p.source, p.period_rule, p.period) = 0
),

given as (
    -- a return's own periods, as the partner gave them; its events bear their first month
    select
        return_id as source,
        'as_published' as period_rule,
        period,
        period_start,
        period_end,
        period_start as month,
        null::varchar as coverage_note,
        count(*) as rows_read,
        count(*) filter (x is null) as rows_unplaced
    from core.returned
    where placed_by in ('point', 'postcode')
        and period_start >= (select since from catalogue.window)
        and period_end < (select until from catalogue.window) + interval 1 month
    group by return_id, period, period_start, period_end
)

select
    source,
    period_rule,
    period,
    period_start,
    period_end,
    month,
    nullif(concat_ws(
        '; ',
        max(coverage_note) over period_months,
        -- below one row in twenty it is the usual share; above, the counts here are visibly too low
        case
            when sum(rows_unplaced) over period_months > 0.05 * sum(rows_read) over period_months
            then case
                -- of a few people even such a share could tell how many they are
                when source in (select source from catalogue.indicators where threshold > 1) then 'more than 5'
                else round(100 * sum(rows_unplaced) over period_months / sum(rows_read) over period_months, 1)::varchar
            end || '% of the source''s rows have no location and are counted nowhere'
        end
    ), '') as coverage_note
from (from covered union all by name from given)
window period_months as (partition by source, period_rule, period)
order by source, period_rule, period, month
