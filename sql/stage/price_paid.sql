-- One row per record of a Price Paid file; what became of a sale later is settled in core.sales.
select
    file,
    row_number,
    trim(transaction_id) as transaction_id,
    try_cast(price as integer) as price,
    try_strptime(left(trim(transfer_date), 10), '%Y-%m-%d')::date as transfer_date,
    nullif(upper(replace(postcode, ' ', '')), '') as postcode,
    trim(property_type) as property_type,
    trim(category) as category,
    coalesce(nullif(trim(status), ''), 'A') as status,
    contains(file, 'monthly-update') as is_update,
    case
        when try_cast(price as integer) is null or try_cast(price as integer) <= 0
            then 'not a price: ' || coalesce(price, 'blank')
        when try_strptime(left(trim(transfer_date), 10), '%Y-%m-%d') is null
            then 'not a date: ' || coalesce(transfer_date, 'blank')
        when coalesce(trim(category), '') not in ('A', 'B')
            then 'unknown category: ' || coalesce(category, 'blank')
        when trim(status) not in ('', 'A', 'C', 'D') then 'unknown record status: ' || status
    end as fault
from raw.price_paid
