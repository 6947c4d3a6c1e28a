with

declared as (
    select * from stg_categories
),

breakdowns as (
    select
        project,
        disaggregation,
        min(disaggregation_en) as disaggregation_en,
        min(disaggregation_ar) as disaggregation_ar
    from declared
    group by project, disaggregation
),

pairs as (
    select
        both_ways.project,
        both_ways.disaggregation,
        firsts.disaggregation as first_way,
        seconds.disaggregation as second_way
    from breakdowns as both_ways
    inner join breakdowns as firsts
        on both_ways.project = firsts.project
    inner join breakdowns as seconds
        on both_ways.project = seconds.project
        and both_ways.disaggregation = firsts.disaggregation || '|' || seconds.disaggregation
),

-- Joined codes have their own | and \ escaped.
escaped as (
    select
        project,
        disaggregation,
        replace(replace(category, '\', '\\'), '|', '\|') as code,
        name_en,
        name_ar
    from declared
),

unstated as (
    select
        breakdowns.project,
        breakdowns.disaggregation,
        '(not stated)' as category,
        'not stated' as name_en,
        'لم يُذكر' as name_ar
    from breakdowns
    left join pairs
        on breakdowns.project = pairs.project
        and breakdowns.disaggregation = pairs.disaggregation
    where pairs.disaggregation is null

    union all

    select
        pairs.project,
        pairs.disaggregation,
        escaped.code || '|(not stated)' as category,
        escaped.name_en || ' × not stated' as name_en,
        escaped.name_ar || ' × لم يُذكر' as name_ar
    from pairs
    inner join escaped
        on pairs.project = escaped.project
        and pairs.first_way = escaped.disaggregation

    union all

    select
        pairs.project,
        pairs.disaggregation,
        '(not stated)|' || escaped.code as category,
        'not stated × ' || escaped.name_en as name_en,
        'لم يُذكر × ' || escaped.name_ar as name_ar
    from pairs
    inner join escaped
        on pairs.project = escaped.project
        and pairs.second_way = escaped.disaggregation

    union all

    select
        project,
        disaggregation,
        '(not stated)|(not stated)' as category,
        'not stated × not stated' as name_en,
        'لم يُذكر × لم يُذكر' as name_ar
    from pairs
),

named as (
    select project, disaggregation, category, name_en, name_ar, position
    from declared

    union all

    select
        project, disaggregation, category, name_en, name_ar,
        cast(null as integer) as position
    from unstated
),

final as (
    select
        named.project,
        named.disaggregation,
        breakdowns.disaggregation_en,
        breakdowns.disaggregation_ar,
        named.category,
        named.name_en,
        named.name_ar,
        named.position
    from named
    inner join breakdowns
        on named.project = breakdowns.project
        and named.disaggregation = breakdowns.disaggregation
)

select * from final
