"""The demo's own address. The site includes this module in demo posture, at its root."""

from django.urls import path

from onboarding import views

app_name = "onboarding"
urlpatterns = [path("demo/mail", views.switch_mail, name="demo-mail")]
