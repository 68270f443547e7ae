-- One row per source of events and month, in hand or asked for, that its files do not cover whole: the reason.
with reasons as (
    select
        'police_crime' as source,
        month,
        string_agg(force || ': ' || reason, '; ' order by force) as reason
    from core.force_coverage
    where is_home and state <> 'whole'
    group by month
    union all
    select 'price_paid', month, reason
    from core.register_coverage
    where state <> 'whole'
    union all
    select 'stats19', month, reason
    from core.collision_coverage
    where state <> 'whole'
),

asked as (
    -- who asks for all that there is gets a window from 1900 to 2199: an end that is not asked for
    select
        case when since > date '1900-01-01' then since end as since,
        case when until < date '2199-12-01' then until end as until
    from catalogue.window
),

months as (
    select
        h.source,
        unnest(generate_series(
            least(min(h.month), any_value(a.since)), greatest(max(h.month), any_value(a.until)), interval 1 month
        ))::date as month
    from (select source, month from core.coverage union select source, month from reasons) as h
    cross join asked as a
    group by h.source
)

select
    m.source,
    m.month,
    coalesce(r.reason, 'no file is in hand') as reason
from months as m
anti join core.coverage as c on c.source = m.source and c.month = m.month
left join reasons as r on r.source = m.source and r.month = m.month
order by m.source, m.month
