-- One row per month of the years of road collisions in hand: whether the file of its year covers it whole, or why not.
with files as (
    select
        file,
        -- a year's file that lacks a month before its last was cut or put together by hand
        count(distinct month) < month(max(month)) as has_a_hole,
        count(*) < 0.5 * median(count(*)) over () as is_short,
        count(*) filter (severity <> 'Fatal' and adjusted_serious is null) > 0.01 * count(*) as is_unadjusted,
        max(month) as last_month
    from stage.stats19
    group by file
),

months as (
    select
        *,
        unnest(generate_series(
            date_trunc('year', last_month), date_trunc('year', last_month) + interval 11 month, interval 1 month
        ))::date as month
    from files
),

counted as (
    select file, month, count(*) as rows_read, count(*) filter (x is null) as rows_unplaced
    from stage.stats19
    group by file, month
),

judged as (
    select
        m.*,
        c.rows_read,
        c.rows_unplaced,
        case
            when m.has_a_hole or m.is_short then 'partial'
            when m.month > m.last_month then 'absent'
            else 'whole'
        end as state
    from months as m
    left join counted as c on c.file = m.file and c.month = m.month
)

select
    month,
    rows_read,
    rows_unplaced,
    state,
    case
        when has_a_hole then 'the file of its year lacks a month before its last'
        when is_short then 'the file of its year has less than half of the rows that are usual for a year'
        when state = 'absent' then 'the file of its year ends before it'
    end as reason,
    case
        when is_unadjusted
        then 'severity as the police reported it, for the file of the year has no adjustment: serious injuries are not comparable over time'
    end as coverage_note
from judged
where month between (select since from catalogue.window) and (select until from catalogue.window)
order by month
