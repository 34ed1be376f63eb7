"""The site's addresses and the demo's own, as in demo posture."""

from django.urls import include, path

from actionsite.urls import urlpatterns as of_the_site

urlpatterns = [path("", include("onboarding.urls")), *of_the_site]
