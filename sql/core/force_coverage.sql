-- One row per police force and month, from the first month in hand to the last: whether its file is whole, partial, absent, or in a known gap.
with files as (
    -- a force that published nothing may send a header alone: a file without a row
    select distinct
        regexp_extract(file, '^\d{4}-\d{2}-([a-z-]+)-street\.csv$', 1) as force,
        try_strptime(left(file, 7), '%Y-%m')::date as month
    from catalogue.files
    where source = 'police_crime'
),

quarantined as (
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

counted as (
    select
        f.force,
        f.month,
        sum(f.rows_kept) as rows_kept,
        sum(f.rows_kept + coalesce(q.rows_lost, 0)) as rows_read,
        sum(f.rows_unplaced + coalesce(q.rows_lost, 0)) as rows_unplaced
    from file_months as f
    left join quarantined as q using (file)
    group by f.force, f.month
),

in_hand as (
    select force, month from counted
    union
    select force, month from files
),

months as (
    select unnest(generate_series(min(month), max(month), interval 1 month))::date as month
    from in_hand
    where month between (select since from catalogue.window) and (select until from catalogue.window)
),

forces as (
    select force, is_home from catalogue.forces
    union all
    select distinct force, false from in_hand anti join catalogue.forces using (force)
),

known as (
    select f.force, m.month, min(g.reason) as reason
    from forces as f
    cross join months as m
    join catalogue.known_gaps as g
        on g.source = 'police_crime' and g.part = f.force and m.month between g.since and g.until
    group by f.force, m.month
),

usual as (
    select c.force, median(c.rows_kept) as rows_kept
    from counted as c
    anti join known as k on k.force = c.force and k.month = c.month
    group by c.force
),

judged as (
    select
        f.force,
        f.is_home,
        m.month,
        -- no file, no number; a file without a row has read none
        case when h.force is not null then coalesce(c.rows_read, 0) end as rows_read,
        case when h.force is not null then coalesce(c.rows_unplaced, 0) end as rows_unplaced,
        k.reason as known_reason,
        case
            -- a malformed file may be in hand: what the publisher says of it counts
            when k.reason is not null then 'known gap'
            when c.rows_kept is null then 'absent'
            -- a file of less than half its force's usual rows was cut short, or half published
            when c.rows_kept < 0.5 * u.rows_kept then 'partial'
            else 'whole'
        end as state
    from forces as f
    cross join months as m
    left join in_hand as h on h.force = f.force and h.month = m.month
    left join counted as c on c.force = f.force and c.month = m.month
    left join usual as u on u.force = f.force
    left join known as k on k.force = f.force and k.month = m.month
)

select
    force,
    month,
    is_home,
    rows_read::bigint as rows_read,
    rows_unplaced::bigint as rows_unplaced,
    state,
    case
        when state = 'known gap' then known_reason
        when state = 'partial' then 'its file has less than half of the rows that are usual for the force'
        when rows_read is null then 'no file of the force is in hand'
        when state = 'absent' then 'the file of the force has no row'
    end as reason
from judged
order by is_home desc, force, month
