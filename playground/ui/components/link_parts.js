// A link that opens the tab "Latent space" as it was: the address's fragment holds what the visitor sees, as base64 of
// JSON { panel, tray: { points, chosen, truncation }, views }. Strangers write links: what is no such thing is left out.
// Needs latent_parts.
const FRAGMENT = '#latent=';
const LONGEST_LINK = 60000; // characters
const isPlain = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);

function fragment(panel) {
  const { points, chosen: id, truncation } = tray();
  const kept = points.map(({ point, name, walked: on }) => ({ point, name, walked: on }));
  const text = JSON.stringify({ panel, tray: { points: kept, chosen: points.findIndex((entry) => entry.id === id), truncation }, views: bus.views ?? {} });
  const bytes = Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join('');
  return FRAGMENT + btoa(bytes).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

// What the address says, or null where it is no view.
function readFragment(hash) {
  if (hash.length > LONGEST_LINK) return null;
  try {
    const text = atob(hash.slice(FRAGMENT.length).replace(/-/g, '+').replace(/_/g, '/'));
    const found = JSON.parse(new TextDecoder().decode(Uint8Array.from(text, (letter) => letter.charCodeAt(0))));
    return isPlain(found) && isPlain(found.tray) && Array.isArray(found.tray.points) ? found : null;
  } catch {
    return null;
  }
}

const isNumber = (value, low, high) => typeof value === 'number' && value >= low && value <= high;
const isLabel = (label) => Number.isInteger(label) || (Array.isArray(label) && label.length <= 1000 && label.every((weight) => isNumber(weight, 0, 1)));

// A point with what it may hold and nothing else, or null. Whether its numbers fit the model is for the server to say.
function readPoint(given, floor = 0) {
  if (!isPlain(given) || floor > 3) return null;
  const { seed, values, sum, label } = given;
  const its = label === undefined || label === null ? {} : { label };
  if (its.label !== undefined && !isLabel(label)) return null;
  if (Number.isInteger(seed) && isNumber(seed, 0, 2147483647)) return { seed, ...its };
  if (typeof values === 'string' && /^[A-Za-z0-9+/]+={0,2}$/.test(values)) return { values, ...its };
  if (!Array.isArray(sum) || !sum.length || sum.length > 64) return null;
  const terms = sum.map((term) => (Array.isArray(term) && isNumber(term[0], -100, 100) ? [term[0], readPoint(term[1], floor + 1)] : [0, null]));
  return terms.every(([, point]) => point) ? { sum: terms, ...its } : null;
}

function readEntry(given) {
  const point = isPlain(given) ? readPoint(given.point) : null;
  const name = point && typeof given.name === 'string' ? given.name.slice(0, 80) : '';
  return point && { point, name, walked: given.walked !== false };
}

// Take over what the address says and open the tab, whose tray says how many points were none; call `refuse` where it says a view that cannot be read.
function followLink(refuse) {
  if (!location.hash.startsWith(FRAGMENT)) return;
  const found = readFragment(location.hash);
  if (!found) return refuse();
  const entries = found.tray.points.slice(0, MAX_COLLECTED).map(readEntry);
  const points = entries.map((entry) => entry && collected(entry));
  const { chosen: place, truncation } = found.tray;
  const here = points.filter(Boolean);
  changeTray({ points: here, chosen: (points[place] ?? here[0])?.id ?? null, truncation: isNumber(truncation, 0, 1) ? truncation : 1 });
  bus.views = isPlain(found.views) ? found.views : {};
  bus.leftOut = entries.length - here.length;
  bus.linked = typeof found.panel === 'string' ? found.panel : '';
  say('views');
  document.querySelector('#tab-latent-button')?.click();
}
