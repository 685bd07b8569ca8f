"""What a convolution or a transposed one does to the size of a map along one axis: the rule, in numbers and words."""

from __future__ import annotations

from typing import NamedTuple


class Axis(NamedTuple):
    """One layer along one axis. A plain tuple, because a search tries thousands of them."""

    transposed: bool
    kernel: int
    stride: int = 1
    padding: int = 0
    output_padding: int = 0
    dilation: int = 1

    @property
    def span(self) -> int:
        """Return how many pixels the kernel reaches over, gaps of its dilation included."""
        return self.dilation * (self.kernel - 1) + 1

    def side(self, size: int) -> int:
        """Return the side that the layer makes of `size`, by PyTorch's rule; less than 1 where nothing is left."""
        if self.transposed:
            return (size - 1) * self.stride - 2 * self.padding + self.span + self.output_padding
        return (size + 2 * self.padding - self.span) // self.stride + 1

    @property
    def allowed(self) -> bool:
        """Say whether PyTorch takes the output padding: smaller than the stride or than the dilation, on this axis.

        Found by trying: the CPU refuses all else, while the meta device does not look.
        """
        return self.output_padding < max(self.stride, self.dilation) if self.transposed else self.output_padding == 0

    def problem(self, size: int, *, square: bool = True) -> str | None:
        """Say why the layer cannot take a map of `size`, or None if it can; `square`: both axes are alike, so name both."""
        if not self.allowed:
            extra = f"output padding {self.output_padding}"
            if not self.transposed:
                return f"a convolution has no output padding, but here it is {self.output_padding}"
            return f"{extra} must be smaller than the stride {self.stride} or the dilation {self.dilation}"
        if self.side(size) >= 1:
            return None
        if self.transposed:
            return f"{self.formula(size, whole=True)}: nothing is left of the feature map"
        kernel, side = (f"{n}×{n}" if square else f"{n}" for n in (self.kernel, size))
        reach = f", {self.span} with its gaps," if self.dilation > 1 else ""
        return f"the kernel ({kernel}){reach} is larger than its input ({side} with padding {self.padding})"

    def formula(self, size: int, *, whole: bool = False) -> str:
        """Write the rule with its numbers, `(4 − 1)·2 − 2·1 + 4 = 8`; an output padding of 0 only where it is `whole`."""
        spread = self.dilation > 1
        if self.transposed:
            kernel = f"{self.dilation}·({self.kernel} − 1) + 1" if spread else f"{self.kernel}"
            extra = f" + {self.output_padding}" if self.output_padding or whole else ""
            return f"({size} − 1)·{self.stride} − 2·{self.padding} + {kernel}{extra} = {self.side(size)}"
        kernel = f"{self.dilation}·({self.kernel} − 1) − 1" if spread else f"{self.kernel}"
        return f"⌊({size} + 2·{self.padding} − {kernel}) / {self.stride}⌋ + 1 = {self.side(size)}"

    def preimage(self, low: int, high: int) -> tuple[int, int]:
        """Return the least and the greatest input side that give a side from `low` to `high`; an empty range where none does.

        `side` grows with its input, so what leads into a range is a range.
        """
        if not self.allowed:
            return 1, 0
        if self.transposed:
            fixed = self.side(1)
            return max(1, 1 - (fixed - low) // self.stride), 1 + (high - fixed) // self.stride
        edge = self.span - 2 * self.padding
        return max(1, (low - 1) * self.stride + edge), high * self.stride - 1 + edge
