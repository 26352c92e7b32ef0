-- Tables as dlt writes them: _dlt_load_id (seconds, as text), child tables by _dlt_parent_id, loads
-- in _dlt_loads. 1773180000 is 2026-03-10 22:00 UTC; 1773183600 is a load that has not ended.
create schema hubspot_data;
create table hubspot_data._dlt_loads (load_id varchar, schema_name varchar, status bigint);
insert into hubspot_data._dlt_loads values
('1773000000.1', 'hubspot', 0), ('1773180000.5', 'hubspot', 0), ('1773183600.9', 'hubspot', 1);
create table hubspot_data.contacts (
    id varchar, email varchar, createdate timestamptz, lastmodifieddate timestamptz,
    lifecyclestage varchar, hs_analytics_source varchar, hs_analytics_source_data_1 varchar,
    hs_analytics_source_data_2 varchar, utm_source varchar, utm_campaign varchar,
    hs_facebook_click_id varchar, hs_v2_date_entered_customer timestamptz, is_deleted boolean,
    _dlt_load_id varchar, _dlt_id varchar);
insert into hubspot_data.contacts values
('101', 'secret@example.org', '2026-03-01 10:00:00+00', '2026-03-09 10:00:00+00', 'customer',
    'OFFLINE', null, null, 'linkedin', 'spring', null, '2026-03-08 10:00:00+00', false,
    '1773180000.5', 'c101'),
('102', 'secret2@example.org', '2026-03-01 10:00:00+00', '2026-03-05 10:00:00+00', 'lead', 'OFFLINE',
    null, null, null, null, null, null, false, '1773000000.1', 'c102'),
('103', 'secret3@example.org', '2026-03-01 10:00:00+00', '2026-03-05 10:00:00+00', 'lead', 'OFFLINE',
    null, null, null, null, null, null, true, '1773180000.5', 'c103'),
('104', null, '2026-03-04 10:00:00+00', '2026-03-05 10:00:00+00', 'lead', 'PAID_SOCIAL', 'Facebook',
    'shoes', null, null, 'fb.1.x', null, false, '1773180000.5', 'c104'),
('105', null, '2026-03-04 10:00:00+00', '2026-03-05 10:00:00+00', 'lead', 'OFFLINE', null, null,
    null, null, null, null, false, '1773183600.9', 'c105');
create table hubspot_data.contacts__hs_merged_object_ids (
    value varchar, _dlt_parent_id varchar, _dlt_list_idx bigint, _dlt_id varchar);
insert into hubspot_data.contacts__hs_merged_object_ids values
('102', 'c101', 0, 'm1'), ('104', 'c101 of an older load', 0, 'm2');
create table hubspot_data.contacts__deals (
    value varchar, deals_id varchar, _dlt_parent_id varchar, _dlt_list_idx bigint, _dlt_id varchar);
insert into hubspot_data.contacts__deals values
('104', '201', 'c104', 0, 'l1'), ('101', '201', 'c101', 0, 'l2'), ('102', '202', 'c102', 0, 'l3'),
('100', '201', 'c100 of an older load', 0, 'l4');
create table hubspot_data.deals (
    id varchar, dealname varchar, dealstage varchar, pipeline varchar, createdate timestamptz,
    hs_lastmodifieddate timestamptz, closedate timestamptz, amount double,
    deal_currency_code varchar, hs_is_closed boolean, hs_is_closed_won boolean, is_deleted boolean,
    _dlt_load_id varchar, _dlt_id varchar);
insert into hubspot_data.deals values
('201', 'Secret', 'won', 'default', '2026-03-02 10:00:00+00', '2026-03-03 10:00:00+00', null, 100,
    'EUR', false, false, false, '1773000000.1', 'd201a'),
('201', 'Secret', 'won', 'default', '2026-03-02 10:00:00+00', '2026-03-08 10:00:00+00',
    '2026-03-08 10:00:00+00', 1200.5, 'EUR', true, true, false, '1773180000.5', 'd201b'),
('202', 'Secret', 'lost', 'default', '2026-03-02 10:00:00+00', '2026-03-08 10:00:00+00',
    '2026-03-09 10:00:00+00', 800, 'EUR', null, null, false, '1773180000.5', 'd202'),
('203', 'Secret', 'won', 'default', '2026-03-02 10:00:00+00', '2026-03-08 10:00:00+00',
    '2026-03-08 10:00:00+00', 9999, 'EUR', true, true, true, '1773180000.5', 'd203');
create table hubspot_data.pipelines_deals (
    id varchar, label varchar, _dlt_load_id varchar, _dlt_id varchar);
insert into hubspot_data.pipelines_deals values ('default', 'Sales', '1773180000.5', 'p1');
create table hubspot_data.pipelines_deals__stages (
    id varchar, label varchar, metadata__is_closed varchar, metadata__probability varchar,
    _dlt_parent_id varchar, _dlt_list_idx bigint, _dlt_id varchar);
insert into hubspot_data.pipelines_deals__stages values
('won', 'Won', 'true', '1.0', 'p1', 0, 's1'), ('lost', 'Lost', 'true', '0.0', 'p1', 1, 's2');

create schema zendesk_data;
create table zendesk_data._dlt_loads (load_id varchar, schema_name varchar, status bigint);
insert into zendesk_data._dlt_loads values ('1773180000.5', 'zendesk', 0);
create table zendesk_data.tickets (
    id bigint, via__channel varchar, status varchar, type varchar, requester_id bigint,
    subject varchar, tags json, satisfaction_rating__score varchar, created_at timestamptz,
    updated_at timestamptz, _dlt_load_id varchar, _dlt_id varchar);
insert into zendesk_data.tickets values
(1, 'facebook', 'closed', 'question', 31, 'Secret', '["vip"]', 'good', '2026-03-02 08:00:00+00',
    '2026-03-07 08:00:00+00', '1773180000.5', 't1'),
(2, 'email', 'open', 'question', 32, 'Secret', '[]', 'unoffered', '2026-03-02 08:00:00+00',
    '2026-03-05 08:00:00+00', '1773180000.5', 't2'),
(3, 'email', 'closed', 'question', 32, 'Secret', '["closed_by_merge"]', null,
    '2026-03-02 08:00:00+00', '2026-03-05 08:00:00+00', '1773180000.5', 't3'),
(4, 'email', 'deleted', 'question', 33, 'Secret', '[]', null, '2026-03-02 08:00:00+00',
    '2026-03-05 08:00:00+00', '1773180000.5', 't4');
create table zendesk_data.ticket_metrics (
    id bigint, ticket_id bigint, reply_time_in_minutes__calendar bigint, solved_at timestamptz,
    _dlt_load_id varchar, _dlt_id varchar);
insert into zendesk_data.ticket_metrics values
(1, 1, 14, '2026-03-03 08:00:00+00', '1773180000.5', 'm1'),
(2, 2, null, '2026-03-02 10:00:00+00', '1773180000.5', 'm2');

create schema facebook_ads_data;
create table facebook_ads_data.facebook_insights (
    ad_id varchar, adset_id varchar, campaign_id varchar, account_id varchar, date_start varchar,
    campaign_name varchar, impressions bigint, clicks bigint, spend decimal(18, 4),
    _dlt_load_id varchar, _dlt_id varchar);
insert into facebook_ads_data.facebook_insights values
('9001', '8', '7', '77', '2026-03-04', 'Spring', 900, 40, 20, '1773000000.1', 'i1'),
('9001', '8', '7', '77', '2026-03-04', 'Spring', 1000, 44, 25.17, '1773180000.5', 'i2');
create table facebook_ads_data.facebook_insights__actions (
    action_type varchar, value double, _7d_click double, _1d_view double, _dlt_parent_id varchar,
    _dlt_list_idx bigint, _dlt_id varchar);
insert into facebook_ads_data.facebook_insights__actions values
('link_click', 25, 25, null, 'i1', 0, 'x0'), ('lead', 1, 1, null, 'i1', 1, 'x1'),
('link_click', 30, 30, null, 'i2', 0, 'x2'), ('lead', 2, 1, 1, 'i2', 1, 'x3'),
('onsite_conversion.lead_grouped', 2, 1, 1, 'i2', 2, 'x4'),
('purchase', 3, 3, null, 'i2', 3, 'x5'), ('omni_purchase', 3, 3, null, 'i2', 4, 'x6');
create table facebook_ads_data.facebook_insights__action_values (
    action_type varchar, value double, _7d_click double, _dlt_parent_id varchar,
    _dlt_list_idx bigint, _dlt_id varchar);
insert into facebook_ads_data.facebook_insights__action_values values
('omni_purchase', 89.97, 89.97, 'i2', 0, 'v1');
