with

judged as (
    select * from disclosures
),

final as (
    select
        figure_id,
        project,
        withheld
    from judged
)

select * from final
