-- One row per feature by which places are called alike: what it counts, and of how many. Crime and health are not among them: they are what is compared.
select position, feature, kind, source, measure, of_source, of_measure
from (
    values
    (1, 'residents aged 0 to 15', 'share', 'population', 'aged_0_to_15', 'population', 'all_ages'),
    (2, 'residents aged 65 and over', 'share', 'population', 'aged_65_and_over', 'population', 'all_ages'),
    (3, 'households renting from a social landlord', 'share', 'census_2021', 'ts054_social_rented', 'census_2021', 'ts054_households'),
    (4, 'households renting privately', 'share', 'census_2021', 'ts054_private_rented', 'census_2021', 'ts054_households'),
    (5, 'income deprivation', 'share', 'indices_of_deprivation', 'income_deprived_people', 'indices_of_deprivation', 'population'),
    (6, 'employment deprivation', 'share', 'indices_of_deprivation', 'employment_deprived_people', 'indices_of_deprivation', 'working_age'),
    (7, 'adult skills deprivation', 'score', 'indices_of_deprivation', 'adult_skills_score', 'indices_of_deprivation', 'population'),
    (8, 'barriers to housing and services', 'score', 'indices_of_deprivation', 'barriers_score', 'indices_of_deprivation', 'population'),
    (9, 'living environment deprivation', 'score', 'indices_of_deprivation', 'living_environment_score', 'indices_of_deprivation', 'population')
) as f (position, feature, kind, source, measure, of_source, of_measure)
order by position
