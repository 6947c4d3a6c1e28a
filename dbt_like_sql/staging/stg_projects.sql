with

declared as (
    select * from projects
),

final as (
    select
        project,
        name_en,
        name_ar,
        organisation_en,
        organisation_ar,
        note_en,
        note_ar,
        participants_en,
        participants_ar,
        comparison_en,
        comparison_ar,
        synthetic as is_synthetic,
        retired as is_retired,
        single_person as is_single_person
    from declared
)

select * from final
