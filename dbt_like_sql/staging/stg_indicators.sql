with

declared as (
    select * from indicators
),

final as (
    select
        project,
        indicator,
        definition_hash,
        name_en,
        name_ar,
        level,
        statistic,
        unit_en,
        unit_ar,
        better,
        form,
        people_en,
        people_ar,
        gain_en,
        gain_ar,
        baseline_round,
        case when statistic = 'proportion' then target / 100.0 else target end as target,
        target_round,
        position
    from declared
)

select * from final
