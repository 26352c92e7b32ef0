{#- Body of a CTE: owners that hold on the business date, the newest of each source and of each
    department first (newest_of_source = 1, newest_of_department = 1). `owners` are the rows of
    kpi_owners.csv, `run` has the business date. -#}
{% macro owners_on_business_date(owners, run) -%}
    select
        owners.source,
        lower(trim(owners.department)) as department,
        owners.department as department_name,
        owners.contact_name,
        owners.contact,
        row_number() over (
            partition by owners.source
            order by owners.valid_from desc, owners.contact_name asc, owners.contact asc
        ) as newest_of_source,
        row_number() over (
            partition by lower(trim(owners.department))
            order by
                case when owners.source is null then 1 else 0 end,
                owners.valid_from desc,
                owners.contact_name asc,
                owners.contact asc
        ) as newest_of_department
    from {{ owners }} as owners
    cross join {{ run }} as run
    where
        (owners.valid_from is null or owners.valid_from <= run.business_date)
        and (owners.valid_to is null or owners.valid_to >= run.business_date)
{%- endmacro %}
