-- One row per standard sale of a home, as the newest record of it stands, at its postcode if that is known.
with placed as (
    select s.*, coalesce(l.position, 0) as position
    from stage.price_paid as s
    left join catalogue.files as l on l.source = 'price_paid' and l.file = s.file
),

registers as (
    select year(transfer_date) as sale_year, max(position) as position
    from placed
    where not is_update
    group by year(transfer_date)
),

newest as (
    select s.*
    from placed as s
    left join registers as r on r.sale_year = year(s.transfer_date)
    -- a register pulled later has every change in it: a sale that it lacks was deleted since
    where not s.is_update or r.position is null or s.position > r.position
    -- the file accepted last speaks last; in a change file A adds, C replaces, D deletes
    qualify row_number() over (
        partition by s.transaction_id order by s.position desc, s.is_update desc, s.file desc, s.row_number desc
    ) = 1
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
left join core.postcodes as p using (postcode)
where n.status <> 'D' and n.category = 'A' and n.property_type in ('D', 'S', 'T', 'F')
order by n.transaction_id
