-- One row per source and month that its files cover whole; a month that is not here is absent, never zero.
with quarantined as (
    select file, count(*) as rows_lost
    from core.quarantine
    where source = 'police_crime'
    group by file
),

file_months as (
    select
        force, file, month, count(*) as rows_kept,
        count(*) filter (longitude is null) as rows_unplaced
    from stage.police_crime
    group by force, file, month
),

force_months as (
    select
        f.force,
        f.month,
        sum(f.rows_kept + coalesce(q.rows_lost, 0)) as rows_read,
        sum(f.rows_unplaced + coalesce(q.rows_lost, 0)) as rows_unplaced,
        -- a file of less than half its force's usual rows was cut short, or half published
        sum(f.rows_kept) >= 0.5 * median(sum(f.rows_kept)) over (partition by f.force) as is_full
    from file_months as f
    left join quarantined as q using (file)
    group by f.force, f.month
),

police as (
    select
        m.month,
        -- every home force must have published; files of neighbours only add the rows they recorded here
        count(*) filter (f.is_home and m.is_full) = (select count(*) from catalogue.forces where is_home)
            as is_whole,
        (select count(*) from catalogue.forces where not is_home) - count(*) filter (not f.is_home)
            as neighbours_missing,
        sum(m.rows_read) filter (f.is_home) as rows_read,
        sum(m.rows_unplaced) filter (f.is_home) as rows_unplaced
    from force_months as m
    join catalogue.forces as f using (force)
    group by m.month
),

register_files as (
    select
        file,
        max(transfer_date) as last_sale,
        max(max(transfer_date)) over () as newest_sale
    from stage.price_paid
    where not is_update
    group by file
),

register_months as (
    select distinct date_trunc('month', s.transfer_date)::date as month
    from stage.price_paid as s
    join register_files as f using (file)
    where not s.is_update
        and (
            -- a file that ends with its year is whole, unless it is the newest in hand:
            -- the newest two months of the register are still being filled
            (month(f.last_sale) = 12 and day(f.last_sale) >= 15 and f.last_sale < f.newest_sale)
            or date_trunc('month', s.transfer_date) <= date_trunc('month', f.last_sale) - interval 2 month
        )
),

sales as (
    select
        date_trunc('month', transfer_date)::date as month,
        count(*) as rows_read,
        count(*) filter (easting is null) as rows_unplaced,
        -- where many of a year's postcodes are not known, a place's sales cannot be told from others
        sum(count(*) filter (easting is null)) over in_year <= 0.1 * sum(count(*)) over in_year as is_placed
    from core.sales
    group by date_trunc('month', transfer_date)::date
    window in_year as (partition by date_trunc('year', date_trunc('month', transfer_date)::date))
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
select 'price_paid', month, null, rows_read, rows_unplaced
from register_months
join sales using (month)
where is_placed
    and month between (select since from catalogue.window) and (select until from catalogue.window)
order by source, month
