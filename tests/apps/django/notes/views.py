from django.contrib.auth.mixins import LoginRequiredMixin
from django.urls import reverse_lazy
from django.views.generic import CreateView, ListView, UpdateView

from .models import Note


class NoteList(ListView):
    model = Note


class NoteEdit(LoginRequiredMixin):
    model = Note
    fields = ["title", "text", "link", "picture"]
    success_url = reverse_lazy("notes")


class NoteCreate(NoteEdit, CreateView):
    pass


class NoteUpdate(NoteEdit, UpdateView):
    pass
