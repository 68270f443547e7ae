-- One row per source and month that its files cover whole; a month that is not here is absent, never zero (core.absent_months says why).
with police as (
    select
        c.month,
        -- every home force must have published; files of neighbours only add the rows they recorded here
        bool_and(c.state = 'whole') filter (c.is_home) as is_whole,
        -- a force that is nobody's neighbour (BTP, say) is missed by nobody
        count(*) filter (not n.is_home and coalesce(c.rows_read, 0) = 0) as neighbours_missing,
        sum(c.rows_read) filter (c.is_home) as rows_read,
        sum(c.rows_unplaced) filter (c.is_home) as rows_unplaced
    from core.force_coverage as c
    left join catalogue.forces as n using (force)
    group by c.month
)

select
    'police_crime' as source,
    month,
    case
        when neighbours_missing > 0
        then neighbours_missing || ' neighbouring forces'' files are not in hand for some months: crimes they recorded here are not counted'
    end as coverage_note,
    rows_read::bigint as rows_read,
    rows_unplaced::bigint as rows_unplaced
from police
where is_whole
union all
select 'price_paid', month, null, rows_read, rows_unplaced
from core.register_coverage
where state = 'whole'
union all
select 'stats19', month, coverage_note, rows_read, rows_unplaced
from core.collision_coverage
where state = 'whole'
union all
-- of a return by months, the months that it has rows of
select return_id, period_start, null, count(*), count(*) filter (x is null)
from core.returned
where placed_by in ('point', 'postcode')
    and last_day(period_start) = period_end
    and period_start between (select since from catalogue.window) and (select until from catalogue.window)
group by return_id, period_start
order by source, month
