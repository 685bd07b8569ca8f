// Runs side by side: each has a colour and a dash of its own, by its mark.
const RUN_DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3], [5, 2]];
const runColour = (run) => 'var(--run-' + run.mark + ')';

function markOf(run) {
  const node = make('span', { class: 'mark', 'aria-hidden': 'true' });
  node.innerHTML = `<svg width="28" height="8"><line x1="0" y1="4" x2="28" y2="4" stroke="var(--run-${Number(run.mark)})" stroke-width="3" stroke-dasharray="${RUN_DASHES[run.mark]}"/></svg>`;
  return node;
}
