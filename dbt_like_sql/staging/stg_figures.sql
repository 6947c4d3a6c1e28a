with

measured as (
    select * from estimates
),

changed as (
    select * from changes
),

compared as (
    select * from effects
),

gathered as (
    select
        figure_id, 'estimate' as kind,
        project, indicator, definition_hash, round, baseline_round,
        place, disaggregation, category, arm, statistic, design, variant,
        estimate, se, ci_low, ci_high, confidence, df, deff,
        n, n_missing, n_clusters, n_strata,
        method, ci_method, note, snapshot_id, status
    from measured

    union all

    select
        figure_id, 'change' as kind,
        project, indicator, definition_hash, round, baseline_round,
        place, disaggregation, category, arm, statistic, design, variant,
        estimate, se, ci_low, ci_high, confidence, df, deff,
        n, n_missing, n_clusters, n_strata,
        method, ci_method, note, snapshot_id, status
    from changed

    union all

    select
        figure_id, 'effect' as kind,
        project, indicator, definition_hash, round, baseline_round,
        place, disaggregation, category, arm, statistic, design, variant,
        estimate, se, ci_low, ci_high, confidence, df, deff,
        n, n_missing, n_clusters, n_strata,
        method, ci_method, note, snapshot_id, status
    from compared
),

final as (
    select * from gathered
)

select * from final
