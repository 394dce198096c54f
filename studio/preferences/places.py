"""Where the studio keeps what belongs to the person."""

import os
from pathlib import Path

from platformdirs import (
    user_cache_path,
    user_config_path,
    user_data_path,
    user_log_path,
    user_pictures_path,
)

HOME = "ELUCIDATE_HOME"


def settings_path() -> Path:
    """Return the settings file: within $ELUCIDATE_HOME if set, else where the system has them."""
    return (_home() or user_config_path("elucidate", appauthor=False)) / "settings.json"


def log_folder() -> Path:
    """Return the folder for logs: within $ELUCIDATE_HOME if set, else where the system has them."""
    home = _home()
    return home / "log" if home else user_log_path("elucidate", appauthor=False)


def cache_folder() -> Path:
    """Return the folder for what can be made anew: within $ELUCIDATE_HOME if that is set."""
    home = _home()
    return home / "cache" if home else user_cache_path("elucidate", appauthor=False)


def data_folder() -> Path:
    """Return the folder for what is learned about models, such as fitted schedules."""
    return settings_path().parent


def inputs_folder() -> Path:
    """Return the folder for what is edited: within $ELUCIDATE_HOME if set, else with other data."""
    home = _home()
    return home / "inputs" if home else user_data_path("elucidate", appauthor=False) / "inputs"


def runs_folder() -> Path:
    """Return the folder for training runs: within $ELUCIDATE_HOME if set, else with other data."""
    home = _home()
    return home / "runs" if home else user_data_path("elucidate", appauthor=False) / "runs"


def default_output_folder() -> Path:
    """Return the folder for takes: within $ELUCIDATE_HOME if set, else among the pictures."""
    home = _home()
    return home / "takes" if home else user_pictures_path() / "Elucidate"


def _home() -> Path | None:
    home = os.environ.get(HOME)
    return Path(home).expanduser().absolute() if home else None
