"""The KPI review page: one offline file from the published marts, in German and English."""
