// What charts share beside `ticks`.

// the middle 98% decide the scale: one spike must not flatten the rest
function range(lists) {
  const all = lists.flat().filter((v) => v !== null && Number.isFinite(v)).sort((a, b) => a - b);
  if (!all.length) return [0, 1];
  const low = all[Math.floor(all.length * 0.01)];
  const high = all[Math.ceil(all.length * 0.99) - 1];
  const margin = (high - low) * 0.08 || 0.5;
  return [low - margin, high + margin];
}

const powers = (low, high) => {
  const every = Math.max(1, Math.ceil((high - low) / 5));
  return Array.from({ length: Math.max(0, Math.floor(high) - Math.ceil(low) + 1) }, (_, n) => Math.ceil(low) + n).filter((p) => p % every === 0);
};
const plain = (v) => (Math.abs(v) >= 1e4 || (v !== 0 && Math.abs(v) < 1e-3) ? v.toExponential(0) : String(Number(v.toPrecision(3))));
