"""Django's settings, made from typed environment variables (``vos.settings.environment``), one subject to a file."""

from vos.settings.apps import *  # noqa: F403
from vos.settings.base import *  # noqa: F403
from vos.settings.logs import *  # noqa: F403
from vos.settings.notices import *  # noqa: F403
from vos.settings.operators import *  # noqa: F403
from vos.settings.people import *  # noqa: F403
from vos.settings.security import *  # noqa: F403
from vos.settings.services import *  # noqa: F403
