-- One row per standard sale of a home, as the newest record of it stands, at its postcode if that is known.
with newest as (
    select s.*
    from stage.price_paid as s
    left join catalogue.files as l on l.source = 'price_paid' and l.file = s.file
    -- the file accepted last speaks last; in a change file A adds, C replaces, D deletes
    qualify row_number() over (
        partition by s.transaction_id order by l.position desc, s.is_update desc, s.file desc, s.row_number desc
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
