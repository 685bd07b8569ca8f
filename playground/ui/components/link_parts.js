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
  const bytes = String.fromCharCode(...new TextEncoder().encode(text));
  return FRAGMENT + btoa(bytes).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

function readFragment(hash) {
  if (!hash.startsWith(FRAGMENT) || hash.length > LONGEST_LINK) return null;
  try {
    const text = atob(hash.slice(FRAGMENT.length).replace(/-/g, '+').replace(/_/g, '/'));
    const found = JSON.parse(new TextDecoder().decode(Uint8Array.from(text, (letter) => letter.charCodeAt(0))));
    return isPlain(found) && isPlain(found.tray) && Array.isArray(found.tray.points) ? found : null;
  } catch {
    return null;
  }
}

// Take over what the address says, once, and open the tab. The server reads the points, and refuses what is none.
function followLink() {
  const found = bus.linked === undefined ? readFragment(location.hash) : null;
  bus.linked = found ? String(found.panel) : bus.linked ?? null;
  if (!found) return;
  const points = found.tray.points.slice(0, MAX_COLLECTED).filter((entry) => isPlain(entry) && isPlain(entry.point))
    .map(({ point, name, walked: on }) => collected({ point, name: typeof name === 'string' ? name.slice(0, 80) : '', walked: on !== false }));
  const { chosen: place, truncation } = found.tray;
  changeTray({ points, chosen: points[place]?.id ?? points[0]?.id ?? null, truncation: truncation >= 0 && truncation <= 1 ? Number(truncation) : 1 });
  bus.views = isPlain(found.views) ? found.views : {};
  say('views');
  document.querySelector('#tab-latent-button')?.click();
}
