{{ config(severity='warn') }}

-- Warns of each state from which a walk may be under way after the last doubling: the Markov
-- credits of its kind may be wrong by as much. Raise `doublings` in macros/markov.sql then.
select
    conversion_kind,
    platform,
    campaign,
    still_walking
from {{ ref('int_journeys__removal_effects') }}
where still_walking >= 1e-6
