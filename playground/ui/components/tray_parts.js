// The strip of the visitor's points: choosing, naming, ordering, leaving out. Before tray.js, in the same function.
const list = element.querySelector('.points');
const HOLD = 350; // milliseconds that a finger rests on a point before it can be dragged: a swipe scrolls
const SLIP = 6; // pixels that a pointer may move and still mean a click
const EDGE = 28; // pixels from the strip's ends where a dragged point scrolls it
const nodes = new Map(); // by the point's id: kept, for a node that leaves the page takes its finger and its focus along
let dragged = null;

const face = (id) => nodes.get(id).querySelector('canvas');
const placeOf = (id) => tray().points.findIndex((entry) => entry.id === id);

function node(id) {
  const flip = (event) => { event.stopPropagation(); editPoint(id, { walked: !tray().points[placeOf(id)].walked }); };
  const drop = (event) => { event.stopPropagation(); dropPoint(id); };
  return make('div', {
    class: 'point', role: 'option', 'data-id': id, title: words.point_help, onclick: () => dragged || choosePoint(id), ondblclick: () => rename(id),
    onkeydown: (event) => keyed(event, id), onpointerdown: (event) => grabbed(event, id), oncontextmenu: (event) => event.pointerType === 'touch' && event.preventDefault(),
  }, make('canvas', { 'aria-hidden': 'true' }), make('span', { class: 'name' }),
  make('button', { type: 'button', class: 'walk', tabindex: -1, onclick: flip, ondblclick: (event) => event.stopPropagation() }),
  make('button', { type: 'button', class: 'drop', tabindex: -1, title: words.drop, 'aria-label': words.drop, onclick: drop }, '×'));
}

function dress({ id, name, walked: on }) {
  const [item, now] = [nodes.get(id), id === chosen()?.id];
  item.classList.toggle('chosen', now);
  item.classList.toggle('walked', on);
  item.setAttribute('aria-selected', now);
  item.tabIndex = now ? 0 : -1;
  const [label, walk] = ['span.name', '.walk'].map((selector) => item.querySelector(selector));
  if (label) label.textContent = name;
  item.setAttribute('aria-label', name);
  walk.textContent = on ? walked().findIndex((entry) => entry.id === id) + 1 : '·';
  walk.title = on ? words.walked_help : words.left_out_help;
  walk.setAttribute('aria-pressed', on);
}

// Everything is put in order around what the visitor holds or types in, which never leaves the page itself.
function order(items) {
  if (items.every((item, n) => list.children[n] === item)) return;
  const held = nodes.get(dragged) ?? document.activeElement.closest?.('#tray .point');
  const anchor = items.indexOf(held);
  items.forEach((item, n) => { if (n < anchor) held.before(item); else if (n > anchor) list.append(item); });
}

function render() {
  const { points } = tray();
  const away = [...nodes.keys()].filter((id) => placeOf(id) < 0);
  const focused = away.some((id) => nodes.get(id).contains(document.activeElement));
  for (const id of away) { nodes.get(id).remove(); nodes.delete(id); }
  for (const { id } of points) if (!nodes.has(id)) nodes.set(id, node(id));
  order(points.map(({ id }) => nodes.get(id)));
  points.forEach(dress);
  const now = nodes.get(chosen()?.id);
  if (now && (focused || (list.contains(document.activeElement) && document.activeElement.tagName !== 'INPUT'))) now.focus({ preventScroll: true });
  if (now && dragged === null) inSight(now);
  element.dataset.count = points.length;
  reflect();
}

function inSight(item) {
  const [from, to] = [item.offsetLeft - list.offsetLeft, item.offsetLeft - list.offsetLeft + item.offsetWidth];
  if (to > list.scrollLeft + list.clientWidth || from < list.scrollLeft) list.scrollLeft = from - 40;
}

function keyed(event, id) {
  if (event.target.tagName === 'INPUT') return;
  const [{ points }, n] = [tray(), placeOf(id)];
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (step && event.altKey) moveTo(id, n + step);
  else if (step) { if (points[n + step]) choosePoint(points[n + step].id); }
  else if (event.key === 'Delete' || event.key === 'Backspace') removeByKey(n, id);
  else if (event.key === ' ' || event.key === 'Enter') editPoint(id, { walked: !points[n].walked });
  else if (event.key === 'F2') rename(id);
  else return;
  event.preventDefault();
}

function removeByKey(n, id) {
  const next = tray().points[n + 1] ?? tray().points[n - 1];
  changeTray({ points: tray().points.filter((entry) => entry.id !== id), chosen: next?.id ?? null });
}

function moveTo(id, place) {
  const [points, from] = [[...tray().points], placeOf(id)];
  const to = Math.max(0, Math.min(points.length - 1, place));
  if (from < 0 || from === to) return;
  points.splice(to, 0, ...points.splice(from, 1));
  changeTray({ points });
}

function rename(id) {
  const label = nodes.get(id)?.querySelector('span.name');
  if (!label) return;
  const field = make('input', { class: 'name', maxlength: 24, value: label.textContent, 'aria-label': words.rename });
  const done = (keep) => {
    field.removeEventListener('blur', leave);
    const name = field.value.trim();
    const again = document.activeElement === field;
    field.replaceWith(label);
    if (again) nodes.get(id).focus({ preventScroll: true });
    if (keep && name) editPoint(id, { name });
  };
  const leave = () => done(true);
  field.addEventListener('blur', leave);
  field.addEventListener('keydown', (event) => {
    event.stopPropagation();
    if (event.key === 'Enter') done(true);
    if (event.key === 'Escape') done(false);
  });
  label.replaceWith(field);
  field.select();
}

// A mouse drags at once, a finger after resting; the point goes where the pointer is. A finger that rests and then
// leaves without having dragged gives the point another name.
function grabbed(event, id) {
  if (event.button || dragged !== null || event.target.closest('button, input')) return;
  const { clientX: start, pointerId } = event;
  let holds = event.pointerType === 'mouse';
  const mark = (on) => nodes.get(id)?.classList.toggle('dragged', on);
  const timer = holds ? null : setTimeout(() => { holds = true; mark(true); }, HOLD);
  const move = (now) => {
    if (now.pointerId !== pointerId) return;
    const slipped = Math.abs(now.clientX - start) > SLIP;
    if (slipped && !holds) return end(now);
    if (!holds || (dragged === null && !slipped)) return;
    dragged = id;
    mark(true);
    const box = list.getBoundingClientRect();
    list.scrollLeft += now.clientX > box.right - EDGE ? 12 : now.clientX < box.left + EDGE ? -12 : 0;
    const place = [...list.children].findIndex((other) => now.clientX < other.getBoundingClientRect().right);
    moveTo(id, place < 0 ? tray().points.length - 1 : place);
  };
  const still = (now) => holds && now.preventDefault(); // the page does not scroll under a dragged point
  const end = (now) => {
    if (now.pointerId !== pointerId) return;
    clearTimeout(timer);
    for (const [name, action] of listeners) window.removeEventListener(name, action);
    list.removeEventListener('touchmove', still);
    mark(false);
    if (now.type === 'pointerup' && holds && event.pointerType !== 'mouse' && dragged === null) setTimeout(() => rename(id), 50); // after the click
    setTimeout(() => (dragged = null)); // after the click that ends a drag
  };
  const listeners = [['pointermove', move], ['pointerup', end], ['pointercancel', end]];
  for (const [name, action] of listeners) window.addEventListener(name, action);
  list.addEventListener('touchmove', still, { passive: false });
}
