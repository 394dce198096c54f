"""What the files of models leave open, and the settings of known ones."""

from studio.models.presets.choosing import choose, forget, form_of
from studio.models.presets.form import Form, Preset, SettingsNeeded
from studio.models.presets.keeping import content_key

__all__ = ["Form", "Preset", "SettingsNeeded", "choose", "content_key", "forget", "form_of"]
