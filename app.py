"""Entry of the Space, and of `python app.py`: settings from the environment, the page, launch."""

import os

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
if os.environ.get("SPACES_ZERO_GPU"):
    import spaces  # noqa: F401  before anything that touches CUDA

from playground.ui.app import build, launch_settings, warm_up

page = build()

if __name__ == "__main__":
    warm_up()
    page.launch(**launch_settings())
