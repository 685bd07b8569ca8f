"""What the page's components are given: plain JSON made of experiments, models and snapshots."""
