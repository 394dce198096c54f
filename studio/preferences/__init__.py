"""What belongs to the person and outlives a project."""

from studio.preferences.places import (
    cache_folder,
    data_folder,
    default_output_folder,
    inputs_folder,
    log_folder,
    runs_folder,
    settings_path,
)
from studio.preferences.reading_choice import ReadingChoice
from studio.preferences.settings import Settings
from studio.preferences.store import SettingsError, load_settings, save_settings

__all__ = [
    "ReadingChoice",
    "Settings",
    "SettingsError",
    "cache_folder",
    "data_folder",
    "default_output_folder",
    "inputs_folder",
    "load_settings",
    "log_folder",
    "runs_folder",
    "save_settings",
    "settings_path",
]
