with

projects as (
    select * from stg_projects
),

rounds as (
    select * from stg_rounds
),

periods as (
    select
        project,
        sum(case when round <> '' then 1 else 0 end) as n_rounds,
        min(data_from) as data_from,
        max(data_to) as data_to
    from rounds
    group by project
),

final as (
    select
        projects.project,
        projects.name_en,
        projects.name_ar,
        projects.organisation_en,
        projects.organisation_ar,
        projects.note_en,
        projects.note_ar,
        projects.participants_en,
        projects.participants_ar,
        projects.comparison_en,
        projects.comparison_ar,
        projects.is_synthetic,
        projects.is_retired,
        projects.is_single_person,
        periods.n_rounds,
        periods.data_from,
        periods.data_to
    from projects
    left join periods on projects.project = periods.project
)

select * from final
