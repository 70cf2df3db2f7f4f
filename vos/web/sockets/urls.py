"""Which consumer answers which path."""

from django.urls import path

from vos.web.sockets.runs import ProcessConsumer

socket_urls = [path("ws/processes/<uuid:pid>/", ProcessConsumer.as_asgi())]
