"""Files that a person takes away: pictures, animations and sound."""

from playground.exporting.animations import film_grid, save_animation
from playground.exporting.maps import map_picture
from playground.exporting.pictures import grid, read_settings, save_picture, sprite, strip
from playground.exporting.sound import one_after_another, wav_bytes

__all__ = [
    "film_grid",
    "grid",
    "map_picture",
    "one_after_another",
    "read_settings",
    "save_animation",
    "save_picture",
    "sprite",
    "strip",
    "wav_bytes",
]
