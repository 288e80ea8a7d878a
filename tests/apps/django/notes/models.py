from django.db import models


class Note(models.Model):
    title = models.CharField(max_length=100)
    text = models.TextField()
    link = models.URLField(blank=True)
    picture = models.ImageField(blank=True)

    def __str__(self):
        return self.title
