-- Tables as Fivetran writes them: _fivetran_synced, _fivetran_deleted, history tables.
create schema greenhouse;
create table greenhouse.application (
    id bigint, candidate_id bigint, source_id bigint, status varchar, prospect boolean,
    applied_at timestamptz, rejected_at timestamptz, last_activity_at timestamptz,
    custom_campaign varchar, custom_utm_source varchar, _fivetran_deleted boolean,
    _fivetran_synced timestamptz);
insert into greenhouse.application values
(1, 11, 501, 'hired', false, '2026-03-01 23:30:00+00', null, '2026-03-07 09:00:00+00',
    'spring', 'linkedin', false, '2026-03-10 22:00:00+00'),
(2, 12, 502, 'rejected', false, '2026-03-02 09:00:00+00', '2026-03-04 09:00:00+00',
    '2026-03-04 09:00:00+00', null, null, false, '2026-03-10 22:00:00+00'),
(3, 13, 502, 'active', true, '2026-03-02 09:00:00+00', null, null, null, null, false,
    '2026-03-10 22:00:00+00'),
(4, 14, 502, 'active', false, '2026-03-02 09:00:00+00', null, null, null, null, true,
    '2026-03-10 22:00:00+00');
create table greenhouse.job_application (
    application_id bigint, job_id bigint, _fivetran_synced timestamptz);
insert into greenhouse.job_application values
(1, 71, '2026-03-10 22:00:00+00'), (2, 71, '2026-03-10 22:00:00+00'),
(3, 71, '2026-03-10 22:00:00+00'), (3, 72, '2026-03-10 22:00:00+00');
create table greenhouse.application_history (
    application_id bigint, updated_at timestamptz, new_stage_id bigint, new_status varchar,
    _fivetran_synced timestamptz);
insert into greenhouse.application_history values
(1, '2026-03-01 23:30:00+00', 81, 'active', '2026-03-10 22:00:00+00'),
(1, '2026-03-03 10:00:00+00', 82, 'active', '2026-03-10 22:00:00+00'),
(1, '2026-03-07 09:00:00+00', null, 'hired', '2026-03-10 22:00:00+00'),
(2, '2026-03-02 09:00:00+00', 81, 'active', '2026-03-10 22:00:00+00');
create table greenhouse.job_stage (
    id bigint, job_id bigint, name varchar, priority bigint, _fivetran_deleted boolean,
    _fivetran_synced timestamptz);
insert into greenhouse.job_stage values
(81, 71, 'Application review', 0, false, '2026-03-10 22:00:00+00'),
(82, 71, 'Phone interview', 1, false, '2026-03-10 22:00:00+00');
create table greenhouse.offer (
    id bigint, application_id bigint, version bigint, status varchar, sent_at date,
    resolved_at timestamptz, created_at timestamptz, updated_at timestamptz,
    _fivetran_synced timestamptz);
insert into greenhouse.offer values
(91, 1, 1, 'deprecated', '2026-03-04', null, '2026-03-04 08:00:00+00',
    '2026-03-05 08:00:00+00', '2026-03-10 22:00:00+00'),
(92, 1, 2, 'accepted', '2026-03-05', '2026-03-06 08:00:00+00', '2026-03-05 08:00:00+00',
    '2026-03-06 08:00:00+00', '2026-03-10 22:00:00+00');
create table greenhouse.job (id bigint, name varchar, status varchar, _fivetran_synced timestamptz);
insert into greenhouse.job values (71, 'Nurse', 'open', '2026-03-10 22:00:00+00');
create table greenhouse.source (
    id bigint, name varchar, source_type_name varchar, _fivetran_synced timestamptz);
insert into greenhouse.source values
(501, 'LinkedIn', 'social_media', '2026-03-10 22:00:00+00'),
(502, 'Indeed', 'third_party_boards', '2026-03-10 22:00:00+00');
create table greenhouse.job_opening (
    id bigint, application_id bigint, closed_at timestamptz, _fivetran_synced timestamptz);
insert into greenhouse.job_opening values
(1001, 1, '2026-03-07 08:00:00+00', '2026-03-10 22:00:00+00');
create table greenhouse.candidate (
    id bigint, first_name varchar, last_name varchar, _fivetran_deleted boolean,
    _fivetran_synced timestamptz);
insert into greenhouse.candidate values
(11, 'Ada', 'Secret', false, '2026-03-10 22:00:00+00'),
(12, 'Bob', 'Secret', false, '2026-03-10 22:00:00+00');

create schema hubspot;
create table hubspot.contact (
    id bigint, property_email varchar, property_createdate timestamp,
    property_lastmodifieddate timestamp, property_lifecyclestage varchar,
    property_hs_analytics_source varchar, property_hs_analytics_source_data_1 varchar,
    property_hs_analytics_source_data_2 varchar, property_utm_source varchar,
    property_utm_campaign varchar, property_hs_facebook_click_id varchar,
    property_hs_v_2_date_entered_customer timestamp, property_hs_calculated_merged_vids varchar,
    _fivetran_deleted boolean, _fivetran_synced timestamptz);
insert into hubspot.contact values
(101, 'secret@example.org', '2026-03-01 10:00:00', '2026-03-09 10:00:00', 'customer', 'OFFLINE',
    null, null, 'linkedin', 'spring', null, '2026-03-08 10:00:00',
    '102:1772700000000;101:1772700000000', false, '2026-03-10 22:00:00+00'),
(102, 'secret2@example.org', '2026-03-01 10:00:00', '2026-03-05 10:00:00', 'lead', 'OFFLINE', null,
    null, null, null, null, null, null, false, '2026-03-10 22:00:00+00'),
(103, 'secret3@example.org', '2026-03-01 10:00:00', '2026-03-05 10:00:00', 'lead', 'OFFLINE', null,
    null, null, null, null, null, null, true, '2026-03-10 22:00:00+00'),
(104, null, '2026-03-04 10:00:00', '2026-03-05 10:00:00', 'lead', 'PAID_SOCIAL', 'Facebook',
    'shoes', null, null, 'fb.1.x', null, null, false, '2026-03-10 22:00:00+00');
create table hubspot.deal (
    deal_id bigint, deal_pipeline_id varchar, deal_pipeline_stage_id varchar, is_deleted boolean,
    property_dealname varchar, property_createdate timestamp, property_hs_lastmodifieddate timestamp,
    property_closedate timestamp, property_amount double, property_deal_currency_code varchar,
    property_hs_is_closed boolean, property_hs_is_closed_won boolean, _fivetran_deleted boolean,
    _fivetran_synced timestamptz);
insert into hubspot.deal values
(201, 'default', 'won', false, 'Secret deal', '2026-03-02 10:00:00', '2026-03-08 10:00:00',
    '2026-03-08 10:00:00', 1200.5, 'EUR', true, true, false, '2026-03-10 22:00:00+00'),
(202, 'default', 'lost', false, 'Secret deal', '2026-03-02 10:00:00', '2026-03-08 10:00:00',
    '2026-03-09 10:00:00', 800, 'EUR', null, null, false, '2026-03-10 22:00:00+00'),
(203, 'default', 'won', true, 'Secret deal', '2026-03-02 10:00:00', '2026-03-08 10:00:00',
    '2026-03-08 10:00:00', 9999, 'EUR', true, true, false, '2026-03-10 22:00:00+00');
create table hubspot.deal_contact (
    deal_id bigint, contact_id bigint, type_id bigint, category varchar,
    _fivetran_synced timestamptz);
insert into hubspot.deal_contact values
(201, 104, 3, 'HUBSPOT_DEFINED', '2026-03-10 22:00:00+00'),
(201, 101, 3, 'HUBSPOT_DEFINED', '2026-03-10 22:00:00+00'),
(201, 101, 17, 'USER_DEFINED', '2026-03-10 22:00:00+00'),
(202, 102, 3, 'HUBSPOT_DEFINED', '2026-03-10 22:00:00+00');
create table hubspot.deal_pipeline_stage (
    pipeline_id varchar, stage_id varchar, probability double, closed_won boolean,
    _fivetran_deleted boolean, _fivetran_synced timestamptz);
insert into hubspot.deal_pipeline_stage values
('default', 'won', 1, true, false, '2026-03-10 22:00:00+00'),
('default', 'lost', 0, false, false, '2026-03-10 22:00:00+00');

create schema zendesk;
create table zendesk.ticket (
    id bigint, via_channel varchar, status varchar, type varchar, requester_id bigint,
    subject varchar, created_at timestamptz, _fivetran_deleted boolean,
    _fivetran_synced timestamptz);
insert into zendesk.ticket values
(1, 'facebook', 'closed', 'question', 31, 'Secret', '2026-03-02 08:00:00+00', false,
    '2026-03-10 22:00:00+00'),
(2, 'email', 'open', 'question', 32, 'Secret', '2026-03-02 08:00:00+00', false,
    '2026-03-10 22:00:00+00'),
(3, 'email', 'closed', 'question', 32, 'Secret', '2026-03-02 08:00:00+00', false,
    '2026-03-10 22:00:00+00'),
(4, 'email', 'open', 'question', 33, 'Secret', '2026-03-02 08:00:00+00', true,
    '2026-03-10 22:00:00+00');
create table zendesk.ticket_tag (ticket_id bigint, tag varchar, _fivetran_synced timestamptz);
insert into zendesk.ticket_tag values
(3, 'closed_by_merge', '2026-03-10 22:00:00+00'), (1, 'vip', '2026-03-10 22:00:00+00');
create table zendesk.satisfaction_rating (
    id bigint, ticket_id bigint, score varchar, comment varchar, updated_at timestamptz,
    _fivetran_synced timestamptz);
insert into zendesk.satisfaction_rating values
(1, 1, 'bad', 'Secret', '2026-03-03 09:00:00+00', '2026-03-10 22:00:00+00'),
(2, 1, 'good', 'Secret', '2026-03-04 09:00:00+00', '2026-03-10 22:00:00+00');
create table zendesk.ticket_field_history (
    ticket_id bigint, field_name varchar, updated timestamptz, user_id bigint, value varchar,
    _fivetran_synced timestamptz);
insert into zendesk.ticket_field_history values
(1, 'status', '2026-03-02 08:00:00+00', 31, 'new', '2026-03-10 22:00:00+00'),
(1, 'status', '2026-03-03 08:00:00+00', 41, 'solved', '2026-03-10 22:00:00+00'),
(1, 'status', '2026-03-07 08:00:00+00', 41, 'closed', '2026-03-10 22:00:00+00'),
(2, 'status', '2026-03-02 10:00:00+00', 41, 'solved', '2026-03-10 22:00:00+00'),
(2, 'status', '2026-03-05 10:00:00+00', 32, 'open', '2026-03-10 22:00:00+00');
create table zendesk.ticket_comment (
    id bigint, ticket_id bigint, user_id bigint, public boolean, body varchar, created timestamptz,
    _fivetran_deleted boolean, _fivetran_synced timestamptz);
insert into zendesk.ticket_comment values
(1, 1, 31, true, 'Secret', '2026-03-02 08:00:00+00', false, '2026-03-10 22:00:00+00'),
(2, 1, 41, false, 'Secret', '2026-03-02 08:02:00+00', false, '2026-03-10 22:00:00+00'),
(3, 1, 41, true, 'Secret', '2026-03-02 08:14:50+00', false, '2026-03-10 22:00:00+00'),
(4, 2, 41, false, 'Secret', '2026-03-02 09:00:00+00', false, '2026-03-10 22:00:00+00');
create table zendesk.user (
    id bigint, name varchar, email varchar, role varchar, _fivetran_synced timestamptz);
insert into zendesk.user values
(31, 'Secret', 'secret@example.org', 'end-user', '2026-03-10 22:00:00+00'),
(41, 'Secret', 'agent@example.org', 'agent', '2026-03-10 22:00:00+00');

create schema linkedin_company_pages;
create table linkedin_company_pages.ugc_post_history (
    id varchar, last_modified_time timestamptz, author varchar, commentary varchar,
    first_published_at timestamptz, lifecycle_state varchar,
    specific_content_share_media_category varchar, _fivetran_synced timestamptz);
insert into linkedin_company_pages.ugc_post_history values
('urn:li:share:1', '2026-03-01 08:00:00+00', 'urn:li:organization:5', 'draft',
    '2026-03-01 08:00:00+00', 'DRAFT', 'NONE', '2026-03-10 22:00:00+00'),
('urn:li:share:1', '2026-03-01 09:00:00+00', 'urn:li:organization:5',
    'Thanks @[Secret Person](urn:li:person:x): https://example.org/?utm_campaign=spring&utm_source=linkedin',
    '2026-03-01 08:00:00+00', 'PUBLISHED', 'IMAGE', '2026-03-10 22:00:00+00');
create table linkedin_company_pages.ugc_post_share_statistic (
    ugc_post_id varchar, share_statistic_id varchar, _fivetran_synced timestamptz);
insert into linkedin_company_pages.ugc_post_share_statistic values
('urn:li:share:1', 's1', '2026-03-10 22:00:00+00');
create table linkedin_company_pages.share_statistic (
    _fivetran_id varchar, _organization_entity_urn varchar, click_count bigint,
    comment_count bigint, impression_count bigint, like_count bigint, share_count bigint,
    _fivetran_synced timestamptz);
insert into linkedin_company_pages.share_statistic values
('s1', 'urn:li:organization:5', 12, 5, 900, 40, 3, '2026-03-10 22:00:00+00');
create table linkedin_company_pages.time_bound_follower_statistic (
    _fivetran_id varchar, day timestamptz, follower_gains_organic_follower_gain bigint,
    follower_gains_paid_follower_gain bigint, organization_entity varchar,
    _fivetran_synced timestamptz);
insert into linkedin_company_pages.time_bound_follower_statistic values
('f1', '2026-03-02 00:00:00+00', 3, 1, 'urn:li:organization:5', '2026-03-10 22:00:00+00');

create schema facebook_ads;
create table facebook_ads.basic_ad (
    ad_id varchar, date date, account_id bigint, ad_name varchar, impressions bigint,
    inline_link_clicks bigint, clicks bigint, spend double, _fivetran_synced timestamptz);
insert into facebook_ads.basic_ad values
('9001', '2026-03-04', 77, 'Ad', 1000, 30, 44, 25.17, '2026-03-10 22:00:00+00');
create table facebook_ads.basic_ad_actions (
    ad_id varchar, date date, index bigint, action_type varchar, value double, _1_d_view double,
    _7_d_click double, _fivetran_synced timestamptz);
insert into facebook_ads.basic_ad_actions values
('9001', '2026-03-04', 0, 'link_click', 30, null, 30, '2026-03-10 22:00:00+00'),
('9001', '2026-03-04', 1, 'lead', 2, 1, 1, '2026-03-10 22:00:00+00'),
('9001', '2026-03-04', 2, 'onsite_conversion.lead_grouped', 2, 1, 1, '2026-03-10 22:00:00+00'),
('9001', '2026-03-04', 3, 'purchase', 3, null, 3, '2026-03-10 22:00:00+00'),
('9001', '2026-03-04', 4, 'omni_purchase', 3, null, 3, '2026-03-10 22:00:00+00'),
('9001', '2026-03-04', 5, 'offsite_conversion.fb_pixel_purchase', 3, null, 3,
    '2026-03-10 22:00:00+00');
create table facebook_ads.basic_ad_action_values (
    ad_id varchar, date date, index bigint, action_type varchar, value double, _7_d_click double,
    _fivetran_synced timestamptz);
insert into facebook_ads.basic_ad_action_values values
('9001', '2026-03-04', 0, 'purchase', 89.97, 89.97, '2026-03-10 22:00:00+00'),
('9001', '2026-03-04', 1, 'omni_purchase', 89.97, 89.97, '2026-03-10 22:00:00+00');
create table facebook_ads.account_history (
    id bigint, currency varchar, name varchar, _fivetran_synced timestamptz);
insert into facebook_ads.account_history values
(77, 'USD', 'Secret', '2026-03-01 22:00:00+00'), (77, 'EUR', 'Secret', '2026-03-10 22:00:00+00');
create table facebook_ads.ad_history (
    id varchar, updated_time timestamptz, campaign_id varchar, name varchar,
    _fivetran_synced timestamptz);
insert into facebook_ads.ad_history values
('9001', '2026-03-01 08:00:00+00', '6000', 'Ad', '2026-03-10 22:00:00+00'),
('9001', '2026-03-02 08:00:00+00', '6001', 'Ad', '2026-03-10 22:00:00+00');
create table facebook_ads.campaign_history (
    id varchar, updated_time timestamptz, name varchar, _fivetran_active boolean,
    _fivetran_synced timestamptz);
insert into facebook_ads.campaign_history values
('6000', '2026-03-01 08:00:00+00', 'Winter', true, '2026-03-10 22:00:00+00'),
('6001', '2026-03-09 08:00:00+00', 'Renamed away', false, '2026-03-10 22:00:00+00'),
('6001', '2026-03-01 08:00:00+00', 'Spring', true, '2026-03-10 22:00:00+00');
