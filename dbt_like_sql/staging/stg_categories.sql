with

declared as (
    select * from categories
),

final as (
    select
        project,
        disaggregation,
        category,
        disaggregation_en,
        disaggregation_ar,
        name_en,
        name_ar,
        place,
        position
    from declared
)

select * from final
