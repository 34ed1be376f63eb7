"""Sessions that an action has left open are known by their sockets."""

import os
import tempfile

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from workflows.descriptors import Descriptors
from workflows.sessions import Sessions

pytestmark = pytest.mark.django_db

LEFT = ["a database session that it did not close"]


def test_a_session_in_the_place_of_a_file_is_found():
    connection.ensure_connection()
    descriptors = Descriptors(Sessions(ours=()))
    place = 900
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), place)
    descriptors.take_as_normal()
    assert descriptors.found(under_way=[]) == []

    with psycopg.connect(settings.DATABASE_URL) as left:
        os.dup2(left.fileno(), place)
    try:
        assert descriptors.found(under_way=[]) == LEFT
    finally:
        os.close(place)
