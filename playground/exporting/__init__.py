"""Files that a person takes away: pictures and animations."""

from playground.exporting.animations import save_animation
from playground.exporting.pictures import grid, read_settings, save_picture, sprite, strip

__all__ = ["grid", "read_settings", "save_animation", "save_picture", "sprite", "strip"]
