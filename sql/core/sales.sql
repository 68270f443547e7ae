-- One row per standard sale of a home, as the newest record of it stands, at its postcode if that is known.
with newest as (
    select *
    from stage.price_paid
    -- the monthly change file speaks after the yearly ones: A adds, C replaces, D deletes
    qualify row_number() over (
        partition by transaction_id order by is_update desc, file desc, row_number desc
    ) = 1
),

places as (
    select postcode, easting, northing
    from stage.postcodes
    where easting is not null
    qualify row_number() over (partition by postcode order by terminated nulls first, file desc) = 1
)

select
    n.transaction_id,
    n.transfer_date,
    n.price,
    n.property_type,
    n.postcode,
    p.easting,
    p.northing
from newest as n
left join places as p using (postcode)
where n.status <> 'D' and n.category = 'A' and n.property_type in ('D', 'S', 'T', 'F')
order by n.transaction_id
