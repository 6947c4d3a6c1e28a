with

figures as (
    select * from int_shown_figures where disaggregation = ''
),

comparisons as (
    select * from stg_effects
),

indicators as (
    select * from int_framed_indicators
),

rounds as (
    select * from stg_rounds
),

compared as (
    select * from figures where kind = 'effect'
),

participants as (
    select * from figures where kind = 'estimate' and arm = 'participants'
),

others as (
    select * from figures where kind = 'estimate' and arm = 'comparison'
),

final as (
    select
        compared.project,
        compared.variant,
        comparisons.comparison,
        comparisons.name_en,
        comparisons.name_ar,
        compared.indicator,
        indicators.name_en as indicator_en,
        indicators.name_ar as indicator_ar,
        indicators.level,
        indicators.statistic,
        indicators.unit_en,
        indicators.unit_ar,
        indicators.better,
        compared.round,
        rounds.name_en as round_en,
        rounds.name_ar as round_ar,
        compared.baseline_round,
        baseline_rounds.name_en as baseline_round_en,
        baseline_rounds.name_ar as baseline_round_ar,
        comparisons.label,
        comparisons.label_reason,
        compared.shown,
        compared.estimate as effect,
        compared.se,
        compared.ci_low,
        compared.ci_high,
        compared.confidence,
        compared.df,
        participants_now.estimate as participants_now,
        comparison_now.estimate as comparison_now,
        participants_before.estimate as participants_before,
        comparison_before.estimate as comparison_before,
        compared.n,
        case when compared.shown <> 'withheld' then comparisons.n_participants end
            as n_participants,
        case when compared.shown <> 'withheld' then comparisons.n_comparison end
            as n_comparison,
        case when compared.shown <> 'withheld' then comparisons.n_dropped end as n_dropped,
        compared.n_missing,
        compared.n_clusters,
        comparisons.clustered_by,
        comparisons.assigned_by_lottery,
        compared.design,
        compared.method,
        compared.ci_method,
        compared.note,
        compared.is_single_person,
        indicators.people_en,
        indicators.people_ar,
        indicators.gain_en,
        indicators.gain_ar,
        indicators.position as indicator_position,
        rounds.data_to,
        compared.figure_id,
        compared.definition_hash,
        compared.snapshot_id,
        compared.figure_status
    from compared
    inner join comparisons on compared.figure_id = comparisons.figure_id
    inner join indicators
        on compared.project = indicators.project
        and compared.indicator = indicators.indicator
    left join rounds
        on compared.project = rounds.project
        and compared.round = rounds.round
    left join rounds as baseline_rounds
        on compared.project = baseline_rounds.project
        and compared.baseline_round = baseline_rounds.round
    left join participants as participants_now
        on compared.project = participants_now.project
        and compared.variant = participants_now.variant
        and compared.indicator = participants_now.indicator
        and compared.round = participants_now.round
    left join others as comparison_now
        on compared.project = comparison_now.project
        and compared.variant = comparison_now.variant
        and compared.indicator = comparison_now.indicator
        and compared.round = comparison_now.round
    left join participants as participants_before
        on compared.project = participants_before.project
        and compared.variant = participants_before.variant
        and compared.indicator = participants_before.indicator
        and compared.baseline_round = participants_before.round
        and compared.round <> compared.baseline_round
    left join others as comparison_before
        on compared.project = comparison_before.project
        and compared.variant = comparison_before.variant
        and compared.indicator = comparison_before.indicator
        and compared.baseline_round = comparison_before.round
        and compared.round <> compared.baseline_round
)

select * from final
