"""What all tests share: hypothesis draws the same few examples in every run, and one thread each.

Small tensors gain nothing from a second thread, and two that wait for each other on busy cores take ten times as long.
"""

import torch
from hypothesis import settings

torch.set_num_threads(1)

settings.register_profile("repeatable", max_examples=50, deadline=None, derandomize=True, database=None)
settings.load_profile("repeatable")
