with

compared as (
    select * from effects
),

final as (
    select
        figure_id,
        project,
        comparison,
        name_en,
        name_ar,
        label,
        label_reason,
        clustered_by,
        assigned_by_lottery,
        n_participants,
        n_comparison,
        n_dropped
    from compared
)

select * from final
