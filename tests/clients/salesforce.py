"""Salesforce through simple-salesforce, signed in at the host of the org by client credentials.

Leads are read twice, by SOQL and by a job of Bulk API 2.0: both ways give the same rows.
"""

from __future__ import annotations

import csv
import io
from typing import Any

from simple_salesforce import Salesforce

from tests.clients.script import Given, Rows, main

CLIENT = "simple-salesforce"
STREAMS = ("leads", "opportunities", "opportunity_contacts", "campaign_members", "campaigns")
HOSTS = ("sandbox.my.salesforce.com",)
CHANGED = {"created_at": "CreatedDate", "modified_at": "SystemModstamp", "is_deleted": "IsDeleted"}
UTM = {name: f"{name}__c" for name in ("utm_source", "utm_medium", "utm_campaign", "utm_content")}
OBJECTS = {
    "leads": (
        "Lead",
        {
            "lead_id": "Id",
            "email": "Email",
            "status": "Status",
            "lead_source": "LeadSource",
            "is_converted": "IsConverted",
            "converted_on": "ConvertedDate",
            "opportunity_id": "ConvertedOpportunityId",
            "contact_id": "ConvertedContactId",
            "master_id": "MasterRecordId",
            **CHANGED,
            **UTM,
        },
    ),
    "opportunities": (
        "Opportunity",
        {
            "opportunity_id": "Id",
            "campaign_id": "CampaignId",
            "lead_source": "LeadSource",
            "is_closed": "IsClosed",
            "is_won": "IsWon",
            "closes_on": "CloseDate",
            "amount": "Amount",
            "currency": "CurrencyIsoCode",
            **CHANGED,
            **UTM,
        },
    ),
    "opportunity_contacts": (
        "OpportunityContactRole",
        {
            "role_id": "Id",
            "opportunity_id": "OpportunityId",
            "contact_id": "ContactId",
            "is_primary": "IsPrimary",
            **CHANGED,
        },
    ),
    "campaign_members": (
        "CampaignMember",
        {"member_id": "Id", "campaign_id": "CampaignId", "lead_id": "LeadId", **CHANGED},
    ),
}


def read(given: Given) -> Rows:
    client = Salesforce(
        consumer_key=given.secret("client_id"),
        consumer_secret=given.secret("client_secret"),
        domain=HOSTS[0].removesuffix(".salesforce.com"),
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for name, (kind, fields) in OBJECTS.items():
        asked = f"SELECT {','.join(fields.values())} FROM {kind}"
        records = client.query_all_iter(asked, include_deleted=True)
        found[name] = [{ours: row[field] for ours, field in fields.items()} for row in records]
        if name == "leads":
            found[name] = _same(found[name], by_job(client, asked, fields))
    campaigns = client.query_all("SELECT Id, Name FROM Campaign")["records"]
    named = [{"campaign_id": row["Id"], "name": row["Name"]} for row in campaigns]
    return {**found, "campaigns": named}


def by_job(client: Salesforce, asked: str, fields: dict[str, str]) -> list[dict[str, Any]]:
    """Return the rows that a bulk job writes as CSV; an empty cell is null."""
    texts = client.bulk2.Lead.query_all(asked, max_records=200, wait=0.05)
    records = [row for text in texts for row in csv.DictReader(io.StringIO(text, newline=""))]
    return [{ours: row[field] or None for ours, field in fields.items()} for row in records]


def _same(by_soql: list[dict[str, Any]], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of the job when they are those of SOQL, but for how CSV spells them."""
    spelled = {True: "true", False: "false"}
    plain = [
        {k: spelled.get(v, v.replace("+0000", "Z") if k.endswith("_at") else v)
         for k, v in row.items()}
        for row in by_soql
    ]  # fmt: skip
    assert sorted(rows, key=str) == sorted(plain, key=str), "the job gave other rows than SOQL"
    return rows


if __name__ == "__main__":
    main(read)
