from django.urls import path

from . import views

urlpatterns = [
    path("", views.NoteList.as_view(), name="notes"),
    path("add/", views.NoteCreate.as_view(), name="add"),
    path("<int:pk>/", views.NoteUpdate.as_view(), name="change"),
]
