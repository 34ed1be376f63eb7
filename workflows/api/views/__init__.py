"""The views: find, check, call one verb or one queryset, answer. Floor 5."""
