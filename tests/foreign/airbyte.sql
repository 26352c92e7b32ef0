-- Tables as Airbyte writes them (typed): append mode repeats rows, nested values are JSON, API times
-- and numbers stay text where the stream's schema says so.
create schema airbyte;
create table airbyte.gh_applications (
    _airbyte_raw_id varchar, _airbyte_extracted_at timestamptz, id bigint, candidate_id bigint,
    job_id bigint, source_id bigint, status varchar, prospect varchar, custom_fields json,
    created_at varchar, rejected_at varchar, updated_at varchar, _ab_cdc_deleted_at varchar);
insert into airbyte.gh_applications values
('a', '2026-03-10 22:00:00+00', 1, 11, 71, 501, 'hired', 'false',
    '{"campaign": {"name": "Campaign", "type": "short_text", "value": "spring"},
      "utm_source": {"name": "utm_source", "type": "short_text", "value": "linkedin"}}',
    '2026-03-01T23:30:00.000Z', null, '2026-03-07T09:00:00.000Z', null),
('b', '2026-03-08 22:00:00+00', 2, 12, 71, 502, 'in_process', 'false', '{}',
    '2026-03-02T09:00:00.000Z', '', '2026-03-02T09:00:00.000Z', null),
('c', '2026-03-10 22:00:00+00', 2, 12, 71, 502, 'rejected', 'false', '{}',
    '2026-03-02T09:00:00.000Z', '2026-03-04T09:00:00.000Z', '2026-03-04T09:00:00.000Z', null),
('d', '2026-03-10 22:00:00+00', 3, 13, null, 502, 'in_process', 'true', '{}',
    '2026-03-02T09:00:00.000Z', null, '2026-03-02T09:00:00.000Z', null),
('e', '2026-03-08 22:00:00+00', 4, 14, 71, 502, 'in_process', 'false', '{}',
    '2026-03-02T09:00:00.000Z', null, '2026-03-02T09:00:00.000Z', null),
('f', '2026-03-10 22:00:00+00', 4, 14, 71, 502, 'in_process', 'false', '{}',
    '2026-03-02T09:00:00.000Z', null, '2026-03-02T09:00:00.000Z', '2026-03-09T09:00:00Z');
create table airbyte.gh_application_stages (
    _airbyte_extracted_at timestamptz, id bigint, application_id bigint,
    job_interview_stage_id bigint, entered_at varchar);
insert into airbyte.gh_application_stages values
('2026-03-10 22:00:00+00', 1, 1, 81, '2026-03-01T23:30:00.000Z'),
('2026-03-10 22:00:00+00', 2, 1, 82, '2026-03-03T10:00:00.000Z'),
('2026-03-10 22:00:00+00', 3, 2, 81, '2026-03-02T09:00:00.000Z');
create table airbyte.gh_job_stages (
    _airbyte_extracted_at timestamptz, id bigint, job_id bigint, name varchar, sort_order bigint);
insert into airbyte.gh_job_stages values
('2026-03-10 22:00:00+00', 81, 71, 'Application review', 0),
('2026-03-10 22:00:00+00', 82, 71, 'Phone interview', 1);
create table airbyte.gh_offers (
    _airbyte_extracted_at timestamptz, id bigint, application_id bigint, version bigint,
    status varchar, sent_on varchar, resolved_at varchar, created_at varchar, updated_at varchar);
insert into airbyte.gh_offers values
('2026-03-10 22:00:00+00', 91, 1, 1, 'Deprecated', '2026-03-04', null,
    '2026-03-04T08:00:00.000Z', '2026-03-05T08:00:00.000Z'),
('2026-03-10 22:00:00+00', 92, 1, 2, 'Accepted', '2026-03-05', '2026-03-06T08:00:00.000Z',
    '2026-03-05T08:00:00.000Z', '2026-03-06T08:00:00.000Z');
create table airbyte.gh_jobs (
    _airbyte_extracted_at timestamptz, id bigint, name varchar, status varchar);
insert into airbyte.gh_jobs values ('2026-03-10 22:00:00+00', 71, 'Nurse', 'open');
create table airbyte.gh_sources (
    _airbyte_extracted_at timestamptz, id bigint, name varchar, type json);
insert into airbyte.gh_sources values
('2026-03-10 22:00:00+00', 501, 'LinkedIn', '{"id": 1, "name": "Social media"}'),
('2026-03-10 22:00:00+00', 502, 'Indeed', '{"id": 2, "name": "Job boards"}');
create table airbyte.gh_jobs_openings (
    _airbyte_extracted_at timestamptz, id bigint, application_id bigint, closed_at varchar);
insert into airbyte.gh_jobs_openings values
('2026-03-10 22:00:00+00', 1001, 1, '2026-03-07T08:00:00.000Z');
create table airbyte.gh_candidates (
    _airbyte_extracted_at timestamptz, id bigint, first_name varchar, email_addresses json);
insert into airbyte.gh_candidates values
('2026-03-10 22:00:00+00', 11, 'Secret', '[{"value": "secret@example.org"}]'),
('2026-03-10 22:00:00+00', 12, 'Secret', '[]');

create table airbyte.hs_contacts (
    _airbyte_extracted_at timestamptz, id varchar, properties json, "createdAt" timestamptz,
    archived boolean);
insert into airbyte.hs_contacts values
('2026-03-08 22:00:00+00', '101', '{"createdate": "2026-03-01T10:00:00.000Z",
    "lastmodifieddate": "2026-03-05T10:00:00.000Z", "lifecyclestage": "lead",
    "hs_analytics_source": "OFFLINE"}', '2026-03-01 10:00:00+00', false),
('2026-03-10 22:00:00+00', '101', '{"createdate": "2026-03-01T10:00:00.000Z",
    "email": "secret@example.org", "lastmodifieddate": "2026-03-09T10:00:00.000Z",
    "lifecyclestage": "customer", "hs_analytics_source": "OFFLINE", "utm_source": "linkedin",
    "utm_campaign": "spring", "hs_v2_date_entered_customer": "2026-03-08T10:00:00.000Z",
    "hs_merged_object_ids": "102"}', '2026-03-01 10:00:00+00', false),
('2026-03-10 22:00:00+00', '102', '{"createdate": "2026-03-01T10:00:00.000Z",
    "lifecyclestage": "lead", "hs_analytics_source": "OFFLINE"}', '2026-03-01 10:00:00+00', false),
('2026-03-10 22:00:00+00', '103', '{"createdate": "2026-03-01T10:00:00.000Z",
    "lifecyclestage": "lead", "hs_analytics_source": "OFFLINE"}', '2026-03-01 10:00:00+00', true),
('2026-03-10 22:00:00+00', '104', '{"createdate": "2026-03-04T10:00:00.000Z",
    "lifecyclestage": "lead", "hs_analytics_source": "PAID_SOCIAL", "utm_source": "",
    "hs_analytics_source_data_1": "Facebook", "hs_analytics_source_data_2": "shoes",
    "hs_facebook_click_id": "fb.1.x"}', '2026-03-04 10:00:00+00', false);
create table airbyte.hs_deals (
    _airbyte_extracted_at timestamptz, id varchar, properties json, contacts json, archived boolean);
insert into airbyte.hs_deals values
('2026-03-10 22:00:00+00', '201', '{"createdate": "2026-03-02T10:00:00.000Z", "pipeline": "default",
    "dealstage": "won", "hs_is_closed": "true", "hs_is_closed_won": "true", "amount": "1200.50",
    "closedate": "2026-03-08T10:00:00.000Z", "deal_currency_code": "EUR",
    "hs_lastmodifieddate": "2026-03-08T10:00:00.000Z"}', '["101", "104"]', false),
('2026-03-10 22:00:00+00', '202', '{"createdate": "2026-03-02T10:00:00.000Z", "pipeline": "default",
    "dealstage": "lost", "hs_is_closed": "", "amount": "800", "deal_currency_code": "EUR",
    "closedate": "2026-03-09T10:00:00.000Z"}', '["102"]', false),
('2026-03-10 22:00:00+00', '203', '{"createdate": "2026-03-02T10:00:00.000Z", "pipeline": "default",
    "dealstage": "won", "hs_is_closed_won": "true", "amount": "9999", "deal_currency_code": "EUR",
    "hs_lastmodifieddate": "2026-03-05T10:00:00.000Z"}', '[]', false);
create table airbyte.hs_deals_archived (
    _airbyte_extracted_at timestamptz, id varchar, "archivedAt" timestamptz);
insert into airbyte.hs_deals_archived values
('2026-03-10 22:00:00+00', '203', '2026-03-06 10:00:00+00');
create table airbyte.hs_deal_pipelines (
    _airbyte_extracted_at timestamptz, "pipelineId" varchar, stages json);
insert into airbyte.hs_deal_pipelines values
('2026-03-10 22:00:00+00', 'default', '[
    {"stageId": "won", "label": "Won", "metadata": {"isClosed": "true", "probability": "1.0"}},
    {"stageId": "lost", "label": "Lost", "metadata": {"isClosed": "true", "probability": "0.0"}}]');

create table airbyte.zd_tickets (
    _airbyte_extracted_at timestamptz, id bigint, via json, status varchar, type varchar,
    requester_id bigint, subject varchar, tags json, satisfaction_rating json, created_at timestamptz,
    updated_at timestamptz);
insert into airbyte.zd_tickets values
('2026-03-10 22:00:00+00', 1, '{"channel": "facebook"}', 'open', 'question', 31, 'Secret', '["vip"]',
    '{"score": "offered"}', '2026-03-02 08:00:00+00', '2026-03-02 08:00:00+00'),
('2026-03-09 22:00:00+00', 1, '{"channel": "facebook"}', 'closed', 'question', 31, 'Secret',
    '["vip"]', '{"score": "good", "comment": "Secret"}', '2026-03-02 08:00:00+00',
    '2026-03-07 08:00:00+00'),
('2026-03-10 22:00:00+00', 2, '{"channel": "email"}', 'open', 'question', 32, 'Secret', '[]',
    '{"score": "unoffered"}', '2026-03-02 08:00:00+00', '2026-03-05 10:00:00+00'),
('2026-03-10 22:00:00+00', 3, '{"channel": "email"}', 'closed', 'question', 32, 'Secret',
    '["closed_by_merge"]', null, '2026-03-02 08:00:00+00', '2026-03-05 10:00:00+00'),
('2026-03-10 22:00:00+00', 4, '{"channel": "email"}', 'deleted', 'question', 33, 'Secret', '[]', null,
    '2026-03-02 08:00:00+00', '2026-03-05 10:00:00+00');
create table airbyte.zd_ticket_metrics (
    _airbyte_extracted_at timestamptz, ticket_id bigint, reply_time_in_minutes json,
    solved_at timestamptz, updated_at timestamptz);
insert into airbyte.zd_ticket_metrics values
('2026-03-10 22:00:00+00', 1, '{"calendar": 14, "business": 5}', '2026-03-03 08:00:00+00',
    '2026-03-07 08:00:00+00'),
('2026-03-10 22:00:00+00', 2, '{"calendar": null}', '2026-03-02 10:00:00+00',
    '2026-03-05 08:00:00+00');

create table airbyte.li_organization_lookup (
    _airbyte_extracted_at timestamptz, id double, "localizedName" varchar);
insert into airbyte.li_organization_lookup values ('2026-03-10 22:00:00+00', 5, 'Hospital');
create table airbyte.li_total_follower_count (
    _airbyte_raw_id varchar, _airbyte_extracted_at timestamptz, "firstDegreeSize" double);
insert into airbyte.li_total_follower_count values
('a', '2026-03-04 01:00:00+00', 498), ('b', '2026-03-04 22:00:00+00', 500);
create table airbyte.li_follower_statistics_time_bound (
    _airbyte_extracted_at timestamptz, "organizationalEntity" varchar, "followerGains" json,
    "timeRangeStart" double, "timeRangeEnd" double);
insert into airbyte.li_follower_statistics_time_bound values
('2026-03-03 22:00:00+00', 'urn:li:organization:5',
    '{"organicFollowerGain": 9, "paidFollowerGain": 9}', 1772496000000, 1772582400000),
('2026-03-10 22:00:00+00', 'urn:li:organization:5',
    '{"organicFollowerGain": 3, "paidFollowerGain": 1}', 1772496000000, 1772582400000);

create table airbyte.fb_ads_insights (
    _airbyte_extracted_at timestamptz, ad_id varchar, account_id varchar, date_start varchar,
    campaign_name varchar, account_currency varchar, impressions varchar, inline_link_clicks varchar,
    clicks varchar, spend varchar, actions json, action_values json);
insert into airbyte.fb_ads_insights values
('2026-03-05 22:00:00+00', '9001', '77', '2026-03-04', 'Spring', 'EUR', '900', '25', '40', '20.00',
    '[{"action_type": "lead", "value": "1"}]', null),
('2026-03-10 22:00:00+00', '9001', '77', '2026-03-04', 'Spring', 'EUR', '1000', '30', '44', '25.17',
    '[{"action_type": "link_click", "value": "30"},
      {"action_type": "lead", "value": "2", "7d_click": "1", "1d_view": "1"},
      {"action_type": "onsite_conversion.lead_grouped", "value": "2", "7d_click": "1", "1d_view": "1"},
      {"action_type": "purchase", "value": "3", "7d_click": "3"},
      {"action_type": "omni_purchase", "action_destination": "a", "value": "1", "7d_click": "1"},
      {"action_type": "omni_purchase", "action_destination": "b", "value": "2", "7d_click": "2"}]',
    '[{"action_type": "omni_purchase", "action_destination": "a", "value": "30.00", "7d_click": "30.00"},
      {"action_type": "omni_purchase", "action_destination": "b", "value": "59.97", "7d_click": "59.97"}]');
