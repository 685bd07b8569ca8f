"""Files that a person takes away: pictures and animations."""

from playground.exporting.animations import save_animation
from playground.exporting.maps import map_picture
from playground.exporting.pictures import grid, read_settings, save_picture, sprite, strip

__all__ = ["grid", "map_picture", "read_settings", "save_animation", "save_picture", "sprite", "strip"]
