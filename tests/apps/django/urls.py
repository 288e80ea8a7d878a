
from django.conf import settings
from django.conf.urls.static import static
from django.urls import include

urlpatterns += [
    path("accounts/", include("django.contrib.auth.urls")),
    path("", include("notes.urls")),
    *static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT),
]
