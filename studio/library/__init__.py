"""What is written to disk: recipes, pictures, trajectories, takes and their index."""

from studio.library.errors import LibraryError, PictureError, RecipeError, TrajectoryError
from studio.library.frame import Frame
from studio.library.index import Index
from studio.library.picture import read_recipe, restore, write_picture
from studio.library.recipe import Recipe, Segment
from studio.library.restoration import Restoration
from studio.library.scratch import sweep
from studio.library.take import Take, read_take, write_take
from studio.library.task import InputRef, OperatorRef, RestorationTask
from studio.library.trajectory import Trajectory
from studio.library.way import LoraRef, ModelRef, Precision

__all__ = [
    "Frame",
    "Index",
    "InputRef",
    "LibraryError",
    "LoraRef",
    "ModelRef",
    "OperatorRef",
    "PictureError",
    "Precision",
    "Recipe",
    "RecipeError",
    "Restoration",
    "RestorationTask",
    "Segment",
    "Take",
    "Trajectory",
    "TrajectoryError",
    "read_recipe",
    "read_take",
    "restore",
    "sweep",
    "write_picture",
    "write_take",
]
