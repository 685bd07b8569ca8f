"""Features laid out on a plane: by principal components, which keep what varies most, or t-SNE, which keeps neighbours."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

METHODS = ("pca", "tsne")
DIMENSIONS = 30  # that t-SNE looks at: more hold mostly noise, and take longer
PERPLEXITY = 30  # about how many neighbours of a row t-SNE keeps together; fewer where there are few rows
MOVES = 250  # of a stage of t-SNE, the fewest that scikit-learn takes: 1.8 s for 2,000 rows on one core
STAGES = 3  # the first with exaggeration; a fourth keeps neighbours no better (trustworthiness 0.992)
EXAGGERATION = 12.0  # scikit-learn's own


@dataclass(frozen=True, eq=False)
class Projection:
    """Place rows of features by their two principal components.

    `mean` (F,) and `axes` (2, F) are those of the rows it was fitted to, `explained` (2,) the shares of their variance;
    `centre` (2,) and `scale` bring the fitted places to [-1, 1].
    """

    mean: np.ndarray
    axes: np.ndarray
    explained: np.ndarray
    centre: np.ndarray
    scale: float

    def place(self, rows: np.ndarray) -> np.ndarray:
        """Return the places (N, 2), float32, of rows (N, F); what is stranger than the fitted rows may lie outside [-1, 1]."""
        return (((rows - self.mean) @ self.axes.T - self.centre) / self.scale).astype(np.float32)


def principal(rows: np.ndarray, fitted: np.ndarray) -> Projection:
    """Find the two principal components of `fitted` (M, F), and the scale at which all of `rows` (N, F) lie in [-1, 1]."""
    from sklearn.decomposition import PCA  # takes a second to import

    with one_thread():
        found = PCA(2, svd_solver="full").fit(fitted)
    explained = np.nan_to_num(found.explained_variance_ratio_)  # rows that are all alike have no variance
    centre, scale = _frame((rows - found.mean_) @ found.components_.T)
    return Projection(found.mean_, found.components_, explained, centre, scale)


def neighbours_kept(rows: np.ndarray, seed: int, progress: Callable[[float], None]) -> np.ndarray:
    """Lay out rows (N, F) by t-SNE (van der Maaten 2008) in [-1, 1]: (N, 2), float32; the same for the same seed.

    It goes in stages, with `progress(share done)` after each: scikit-learn's has no other way to stop it, and a stage that
    goes on from the one before, without exaggeration, keeps neighbours as well as one that runs through. The rows are brought
    to 30 principal components first, and start at the first two.
    """
    from sklearn.decomposition import PCA

    with one_thread():
        reduced = PCA(min(DIMENSIONS, *rows.shape), svd_solver="full").fit_transform(rows)
    places = None
    for stage in range(STAGES):
        places = _moved(reduced, places, seed)
        progress((stage + 1) / STAGES)
    centre, scale = _frame(places)
    return ((places - centre) / scale).astype(np.float32)


def _moved(rows: np.ndarray, places: np.ndarray | None, seed: int) -> np.ndarray:
    from sklearn.manifold import TSNE

    if not rows.std():  # all alike: there are no neighbours to keep
        return np.zeros((len(rows), 2), np.float32)
    perplexity = min(PERPLEXITY, (len(rows) - 1) / 3)
    start = "pca" if places is None else places
    exaggeration = EXAGGERATION if places is None else 1.0
    settings = {"init": start, "early_exaggeration": exaggeration, "max_iter": MOVES, "random_state": seed, "n_jobs": 1}
    with one_thread():
        return TSNE(2, perplexity=perplexity, **settings).fit_transform(rows)


def _frame(places: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the middle (2,) of places (N, 2), and half the longer side of the box around them."""
    low, high = places.min(0), places.max(0)
    return (low + high) / 2, float((high - low).max() / 2) or 1.0


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Keep scikit-learn on one core: t-SNE takes all by itself, and others work beside it."""
    from threadpoolctl import threadpool_limits  # comes with scikit-learn

    with threadpool_limits(1):
        yield
