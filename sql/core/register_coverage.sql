-- One row per month of the Price Paid register, from the first in hand to the last: whether it is whole, still filling, unplaced, or absent.
with register_files as (
    select
        file,
        max(transfer_date) as last_sale,
        max(max(transfer_date)) over () as newest_sale
    from stage.price_paid
    where not is_update
    group by file
),

register_months as (
    select
        date_trunc('month', s.transfer_date)::date as month,
        bool_or(
            -- a file that ends with its year is whole, unless it is the newest in hand:
            -- the newest two months of the register are still being filled
            (month(f.last_sale) = 12 and day(f.last_sale) >= 15 and f.last_sale < f.newest_sale)
            or date_trunc('month', s.transfer_date) <= date_trunc('month', f.last_sale) - interval 2 month
        ) as is_filled
    from stage.price_paid as s
    join register_files as f using (file)
    where not s.is_update
    group by date_trunc('month', s.transfer_date)::date
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
),

months as (
    select unnest(generate_series(min(month), max(month), interval 1 month))::date as month
    from (select month from register_months union select month from sales)
    where month between (select since from catalogue.window) and (select until from catalogue.window)
),

judged as (
    select
        m.month,
        s.rows_read,
        s.rows_unplaced,
        case
            when r.month is null or s.month is null then 'absent'
            when not r.is_filled then 'still filling'
            when not s.is_placed then 'unplaced'
            else 'whole'
        end as state
    from months as m
    left join register_months as r using (month)
    left join sales as s using (month)
)

select
    month,
    rows_read,
    rows_unplaced,
    state,
    case state
        when 'absent' then 'no yearly file in hand has a sale of these months'
        when 'still filling'
            then 'sales were still being entered in the register when the file in hand was made'
        when 'unplaced' then 'more than one in ten of the year''s sales are at a postcode that is not known'
    end as reason
from judged
order by month
