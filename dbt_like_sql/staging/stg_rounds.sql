with

declared as (
    select * from rounds
),

final as (
    select
        project,
        round,
        name_en,
        name_ar,
        position,
        data_from,
        data_to
    from declared
)

select * from final
