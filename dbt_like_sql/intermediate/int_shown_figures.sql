with

figures as (
    select * from stg_figures
),

disclosed as (
    select * from stg_disclosures
),

projects as (
    select * from stg_projects
),

-- A cell of one to four people is withheld even where nobody has judged it yet. Why one is withheld
-- is not told: who knows that a cell protects another knows that the other is the small one.
judged as (
    select
        figures.*,
        projects.is_single_person,
        case
            when disclosed.figure_id is not null then 'withheld'
            when figures.n between 1 and 4 then 'withheld'
            when figures.n = 0 and figures.n_missing between 1 and 4 then 'withheld'
            when figures.estimate is null then 'none'
            else 'shown'
        end as shown
    from figures
    left join disclosed on figures.figure_id = disclosed.figure_id
    left join projects on figures.project = projects.project
),

final as (
    select
        figure_id,
        kind,
        project,
        indicator,
        definition_hash,
        round,
        baseline_round,
        place,
        disaggregation,
        category,
        arm,
        statistic,
        design,
        variant,
        shown,
        case when shown = 'shown' then estimate end as estimate,
        case when shown = 'shown' then se end as se,
        case when shown = 'shown' then ci_low end as ci_low,
        case when shown = 'shown' then ci_high end as ci_high,
        confidence,
        case when shown = 'shown' then df end as df,
        case when shown = 'shown' then deff end as deff,
        case when shown <> 'withheld' then n end as n,
        case when shown <> 'withheld' then n_missing end as n_missing,
        case when shown <> 'withheld' then n_clusters end as n_clusters,
        case when shown <> 'withheld' then n_strata end as n_strata,
        method,
        ci_method,
        case when shown <> 'withheld' then note end as note,
        is_single_person,
        snapshot_id,
        status as figure_status
    from judged
)

select * from final
