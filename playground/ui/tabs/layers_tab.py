"""The tab "Layers": labs that show what each kind of layer does, on the model in view.

Each lab is a file of its own, with `build(wiring)`, under a tab inside the tab.
"""

from __future__ import annotations

from playground.ui.tabs import lab_gradients, lab_maps, lab_norms, lab_pooling, lab_shapes, lab_transposed
from playground.ui.tabs.wiring import Wiring, inner_tabs

LABS = {
    "maps": lab_maps.build,
    "transposed": lab_transposed.build,
    "shapes": lab_shapes.build,
    "norms": lab_norms.build,
    "pooling": lab_pooling.build,
    "gradients": lab_gradients.build,
}  # the name of a lab's words in `page`, and the function that lays it out


def build(wiring: Wiring) -> None:
    """Lay out the tab."""
    inner_tabs(wiring, LABS, "lab", "layers-tabs")
