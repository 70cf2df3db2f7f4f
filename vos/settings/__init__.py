"""Django's settings, made from typed environment variables (``vos.settings.environment``), one subject to a file."""

from vos.settings.apps import *
from vos.settings.base import *
from vos.settings.logs import *
from vos.settings.people import *
from vos.settings.security import *
from vos.settings.services import *
