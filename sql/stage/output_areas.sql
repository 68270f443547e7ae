-- One row per output area of a file: the small area it lies in, its population-weighted centroid, or its census counts.
with texts as (
    select
        file,
        row_number,
        trim(output_area_code) as output_area_code,
        nullif(trim(small_area_code), '') as small_area_code,
        nullif(trim(msoa_code), '') as msoa_code,
        nullif(trim(easting), '') as easting_text,
        nullif(trim(northing), '') as northing_text,
        [nullif(trim(c), '') for c in [people, households, aged_0_to_4, aged_5_to_9, aged_10_to_14]] as count_texts
    from raw.output_areas
),

typed as (
    select
        *,
        try_cast(easting_text as double) as easting,
        try_cast(northing_text as double) as northing,
        [try_cast(c as decimal(18, 6)) for c in count_texts] as counts
    from texts
),

judged as (
    select
        *,
        -- the census's five-year bands end at 14: as a weight that serves for children of 0 to 15
        (counts[3] + counts[4] + counts[5])::decimal(18, 6) as children,
        [t for t in count_texts if t is not null and try_cast(t as decimal(18, 6)) is null][1] as no_number,
        [t for t in count_texts if try_cast(t as decimal(18, 6)) < 0][1] as below_zero,
        case
            when not coalesce(regexp_matches(output_area_code, '^[A-Z]00\d{6}$'), false)
                then 'not an output-area code: ' || coalesce(output_area_code, 'blank')
            when not regexp_matches(small_area_code, '^[A-Z]01\d{6}$')
                then 'not a small-area code: ' || small_area_code
            when not regexp_matches(msoa_code, '^[A-Z]02\d{6}$') then 'not an MSOA code: ' || msoa_code
            when (easting_text is null) <> (northing_text is null)
                then 'only one of easting and northing is given'
            when easting_text is not null and easting is null then 'easting is not a number: ' || easting_text
            when northing_text is not null and northing is null then 'northing is not a number: ' || northing_text
            -- less than a kilometre from the grid's origin can only be degrees
            when not (easting between 1000 and 700000 and northing between 1000 and 1300000)
                then 'outside the British grid (in metres): ' || easting_text || ', ' || northing_text
            when no_number is not null then 'not a number: ' || no_number
            when below_zero is not null then 'a count below zero: ' || below_zero
            when small_area_code is null and easting is null and counts[1] is null and counts[2] is null and children is null
                then 'it gives neither small area, nor coordinates, nor a count'
        end as fault
    from typed
)

select
    file,
    row_number,
    output_area_code,
    small_area_code,
    msoa_code,
    easting,
    northing,
    counts[1] as people,
    counts[2] as households,
    children,
    case
        when fault is not null then fault
        -- counted twice, an output area would weigh twice
        when row_number() over (partition by file, output_area_code, fault is null order by row_number) > 1
            then 'the output area stands in the file already: ' || output_area_code
    end as fault
from judged
