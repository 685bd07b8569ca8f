// What the panels of the tab "Latent space" share. A point is JSON that the server reads (playground/latent/points.py):
// { seed } or { values } or { sum }, with a `label` where the model knows classes. The visitor's collection lives here:
//
//   bus.tray   { points: [{ id, point, name, walked }], chosen: id, truncation }
//              `walked` says that the walk leads through the point, in the list's order; `chosen` is the one that
//              panels start from; `truncation` is 1 for none, and belongs to every picture of the tab
//   bus.views  what each panel shows, plain JSON by its name, for the link; a panel says `view` when it changes its own,
//              and takes it over when `views` is said
//
// and whoever changes the tray does so by the functions below, which say `tray`. Panels hear that, and draw themselves anew.
const MAX_COLLECTED = 48;
const tray = () => (bus.tray ??= { points: [1, 2, 3].map((seed) => collected({ point: { seed }, name: '' })), chosen: 1, truncation: 1 });

function collected({ point, name, walked = true }) {
  bus.collectedSoFar = (bus.collectedSoFar ?? 0) + 1;
  return { id: bus.collectedSoFar, point, name: name || nameOf(point), walked };
}

// A name is what a person reads under a picture: the seed, or what the panel that made the point called it.
const nameOf = (point) => (point.seed === undefined ? '' : '#' + point.seed);
const chosen = () => tray().points.find(({ id }) => id === tray().chosen) ?? tray().points[0] ?? null;
const walked = () => tray().points.filter((entry) => entry.walked);
const changeTray = (change) => {
  bus.tray = { ...tray(), ...change };
  say('tray', bus.tray);
};
const samePoint = (a, b) => JSON.stringify(a) === JSON.stringify(b);

// Add points ([{ point, name, walked? }]) and choose the first of them; those that are there already are only chosen.
function collect(points) {
  const before = tray().points;
  const fresh = points.filter(({ point }) => !before.some((entry) => samePoint(entry.point, point))).map(collected);
  const all = [...before, ...fresh].slice(-MAX_COLLECTED);
  const first = all.find((entry) => samePoint(entry.point, points[0]?.point));
  changeTray({ points: all, chosen: first?.id ?? tray().chosen });
}

const choosePoint = (id) => changeTray({ chosen: id });
const dropPoint = (id) => changeTray({ points: tray().points.filter((entry) => entry.id !== id) });
const editPoint = (id, change) => changeTray({ points: tray().points.map((entry) => (entry.id === id ? { ...entry, ...change } : entry)) });

// What every request of the tab says, with `extra`.
const asked = (extra = {}) => ({ model: bus.visitor?.session, truncation: tray().truncation, ...extra });
