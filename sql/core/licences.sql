-- One row per source and publisher's column of the public health profiles: what its metadata says of re-use, and why it is kept out where that is not open.
with said as (
    select 'fingertips' as source, file, row_number, indicator, licence
    from stage.fingertips
    where licence is not null
    union all
    select 'local_health', file, row_number, indicator, licence
    from stage.local_health
    where licence is not null
),

newest as (
    select s.source, s.indicator, s.licence
    from said as s
    left join catalogue.files as l using (source, file)
    qualify row_number() over (
        partition by s.source, s.indicator order by l.position desc, s.file desc, s.row_number desc
    ) = 1
),

spoken_for as (
    -- of the profiles for councils all are open unless their metadata says otherwise
    select distinct 'fingertips' as source, publisher_column, indicator, false as must_say_so
    from stage.fingertips
    where licence is null
    union all
    -- Local Health is known to hold some that are not
    select distinct 'local_health', publisher_column, indicator, true
    from stage.local_health
    where licence is null
)

select
    c.source,
    c.publisher_column,
    n.licence,
    case
        when n.licence is null and c.must_say_so
            then 'withheld: the publisher''s licence of it is not in hand. Put the indicator''s metadata (CSV, with the column Data re-use) into the inbox'
        when n.licence = '' then 'withheld: the publisher''s metadata does not say that its licence is open'
        when not regexp_matches(n.licence, 'open government licen[cs]e|\bOGL\b', 'i')
            or regexp_matches(n.licence, 'non.?commercial', 'i')
            then 'withheld: the publisher''s licence is not open (''' || replace(left(n.licence, 80), ';', ',')
                || case when length(n.licence) > 80 then '...' else '' end || ''')'
    end as reason
from spoken_for as c
left join newest as n using (source, indicator)
order by c.source, c.publisher_column
