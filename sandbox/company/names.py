"""The names under which the systems of the company know a platform, and which ones we mapped."""

from __future__ import annotations

from sandbox.company.base import CONVENTIONAL

# utm_source as people write it; the source map knows all of these
UTM_SOURCES = {
    "linkedin": ("linkedin", "LinkedIn", "linkedin.com", " li "),
    "instagram": ("instagram", "Instagram", "ig"),
    "facebook": ("facebook", "Facebook", "fb"),
    "youtube": ("youtube", "YouTube"),
    "tiktok": ("tiktok", "TikTok"),
    "email": ("email", "newsletter", "Newsletter "),
    "google": ("google", "Google"),
    "indeed": ("indeed", "Indeed"),
}
UNMAPPED_UTM = ("bio-link", "qr_poster", "partnerportal")

# the system's own source field
SYSTEM_NAMES: dict[str, dict[str, tuple[str, ...]]] = {
    "greenhouse": {
        "linkedin": ("LinkedIn",),
        "instagram": ("Instagram",),
        "facebook": ("Facebook",),
        "youtube": ("YouTube",),
        "indeed": ("Indeed",),
        "referral": ("Employee Referral",),
        "google": ("Google",),
        "stepstone": ("StepStone",),
        "email": ("Email",),
        "werkspost": ("Werkspost",),
    },
    "hubspot": {
        "linkedin": ("LinkedIn",),
        "facebook": ("Facebook",),
        "youtube": ("YouTube",),
        "instagram": ("Instagram",),
        "email": ("EMAIL_MARKETING",),
        "search": ("ORGANIC_SEARCH",),
        "offline": ("OFFLINE",),
    },
    "shop": {
        "instagram": ("Instagram",),
        "facebook": ("Facebook",),
        "youtube": ("YouTube",),
        "tiktok": ("TikTok",),
        "email": ("Email", "Newsletter"),
        "google": ("Google",),
        "phone": ("Phone",),
        "loyalty_card": ("Kundenkarte",),
    },
}
UNKNOWN_NAMES = {
    "greenhouse": ("Campus Fair", "Stage Door Agency"),
    "hubspot": ("OTHER_CAMPAIGNS",),
    "shop": ("Kiosk 7", "Schaufenster"),
}
GREENHOUSE_TYPES = {
    "LinkedIn": "Third-party boards",
    "Instagram": "Social media",
    "Facebook": "Social media",
    "YouTube": "Social media",
    "Indeed": "Third-party boards",
    "StepStone": "Third-party boards",
    "Employee Referral": "Referral",
    "Google": "Company marketing",
    "Email": "Company marketing",
    "Werkspost": "Other",
    "Campus Fair": "In person event",
    "Stage Door Agency": "Agencies",
    "Internal Applicant": "MyGreenhouse",
}

# Zendesk's via.channel -> platform (None: the source map does not know it yet)
CHANNELS: dict[str, str | None] = {
    "email": "email",
    "web": "web",
    "voice": "phone",
    "chat": "chat",
    "facebook": "facebook",
    "instagram_dm": "instagram",
    "whatsapp": "whatsapp",
    "twitter": "x",
    "sunshine_conversations_rcs": None,
}

# rows of company/source_map.csv: what the shipped seed cannot know, and one that overrides it
SOURCE_MAP = (
    ("*", "newsletter", "email", CONVENTIONAL),
    ("greenhouse", "Werkspost", "werkspost", CONVENTIONAL),
    ("lever", "Werkspost", "werkspost", CONVENTIONAL),
    ("personio", "Werkspost", "werkspost", CONVENTIONAL),
    ("file_drop", "Kundenkarte", "loyalty_card", CONVENTIONAL),
    ("shopify", "Kundenkarte", "loyalty_card", CONVENTIONAL),
)
