-- One row per energy certificate of a home: no address, only a hash by which the home is known again.
with texts as (
    select
        file,
        row_number,
        trim(certificate_number) as certificate_number,
        upper(replace(postcode, ' ', '')) as postcode,
        upper(trim(band)) as band,
        trim(lodged_at) as lodged_text,
        -- what is not known is written in several ways, none of them a property number
        regexp_extract(trim(uprn), '^\d+$') as uprn,
        nullif(trim(address_key), '') as address_key
    from raw.epc
)

select
    file,
    row_number,
    certificate_number,
    nullif(uprn, '') as uprn,
    address_key,
    nullif(postcode, '') as postcode,
    -- INVALID!, NO DATA!, N/A and blank
    case when band between 'A' and 'G' and length(band) = 1 then band end as band,
    try_cast(lodged_text as timestamp) as lodged_at,
    case
        when coalesce(certificate_number, '') = '' then 'certificate number is blank'
        when try_cast(lodged_text as timestamp) is null
            then 'not a day of lodgement: ' || coalesce(nullif(lodged_text, ''), 'blank')
    end as fault
from texts
