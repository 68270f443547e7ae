-- One row per home with an energy certificate: its newest one, and the small area of its postcode if that is known.
with known as (
    select
        e.*,
        coalesce(l.position, 0) as position,
        -- an older certificate of the same address may lack the property number
        coalesce(
            e.uprn,
            case when e.address_key is not null then max(e.uprn) over (partition by e.address_key) end,
            e.address_key,
            e.certificate_number
        ) as dwelling
    from stage.epc as e
    left join catalogue.files as l on l.source = 'epc' and l.file = e.file
),

newest as (
    select *
    from known
    qualify row_number() over (
        partition by dwelling order by lodged_at desc, position desc, certificate_number desc, file desc, row_number desc
    ) = 1
)

select n.dwelling, n.band, n.lodged_at, n.postcode, p.small_area_code
from newest as n
left join core.postcodes as p using (postcode)
order by n.dwelling
