-- One row per source and month that its files cover whole; a month that is not here is absent, never zero.
with force_months as (
    select force, month, count(*) as rows_read, count(*) filter (longitude is null) as rows_unplaced
    from stage.police_crime
    group by force, month
),

police as (
    select
        m.month,
        -- every home force must have published; files of neighbours only add the rows they recorded here
        count(*) filter (f.is_home) = (select count(*) from catalogue.forces where is_home) as is_whole,
        (select count(*) from catalogue.forces where not is_home) - count(*) filter (not f.is_home)
            as neighbours_missing,
        sum(m.rows_read) filter (f.is_home) as rows_read,
        sum(m.rows_unplaced) filter (f.is_home) as rows_unplaced
    from force_months as m
    join catalogue.forces as f using (force)
    group by m.month
),

sales as (
    select
        date_trunc('month', transfer_date)::date as month,
        -- the newest two months of the register are still being filled
        date_trunc('month', max(max(transfer_date)) over ()) - interval 2 month as last_whole_month
    from stage.price_paid
    where not is_update
    group by 1
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
where is_whole and month between (select since from catalogue.window) and (select until from catalogue.window)
union all
select 'price_paid', month, null, null, null
from sales
where month <= last_whole_month
    and month between (select since from catalogue.window) and (select until from catalogue.window)
order by source, month
