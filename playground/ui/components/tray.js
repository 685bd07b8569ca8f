const [notice, empty, body, list, bar, sums, code] = ['.notice', '.empty', '.body', '.points', '.bar', '.arithmetic', '.code'].map((selector) => element.querySelector(selector));
const MAX_SEED = 2147483647;
const HOLD = 350; // milliseconds that a finger rests on a point before it can be dragged: a swipe scrolls
const faces = new Map(); // canvases by the point's id, kept while it is in the tray
let names = []; // of the classes, where the model knows any
let slots = [0, 1, 2]; // of a − b + c: places in the list until the visitor chooses, then ids
let taken = false;
let dragged = null;

// the points

const face = (id) => {
  if (!faces.has(id)) faces.set(id, make('canvas', { 'aria-hidden': 'true' }));
  return faces.get(id);
};

function node(entry, n) {
  const { id, name, walked: on } = entry;
  const number = on ? walked().indexOf(entry) + 1 : '·';
  const chosenNow = id === chosen()?.id;
  return make('div', {
    class: 'point' + (chosenNow ? ' chosen' : '') + (on ? ' walked' : ''), role: 'option', 'aria-selected': String(chosenNow), 'data-id': id,
    tabindex: chosenNow || (n === 0 && !chosen()) ? 0 : -1, title: words.point_help, onclick: () => dragged || choosePoint(id), ondblclick: () => rename(id),
    onkeydown: (event) => keyed(event, n, id), onpointerdown: (event) => grabbed(event, id),
  }, face(id), make('span', { class: 'name' }, name),
  make('button', { type: 'button', class: 'walk', tabindex: -1, title: on ? words.walked_help : words.left_out_help, 'aria-pressed': String(on), onclick: (event) => { event.stopPropagation(); editPoint(id, { walked: !on }); } }, number),
  make('button', { type: 'button', class: 'drop', tabindex: -1, title: words.drop, 'aria-label': words.drop, onclick: (event) => { event.stopPropagation(); dropPoint(id); } }, '×'));
}

function render() {
  const { points } = tray();
  const focused = list.contains(document.activeElement);
  const scrolled = list.scrollLeft;
  for (const id of [...faces.keys()]) if (!points.some((entry) => entry.id === id)) faces.delete(id);
  list.replaceChildren(...points.map(node));
  list.scrollLeft = scrolled;
  const now = list.querySelector('.chosen');
  if (now && focused) now.focus({ preventScroll: true });
  if (now && (now.offsetLeft + now.offsetWidth > list.scrollLeft + list.clientWidth || now.offsetLeft < list.scrollLeft)) list.scrollLeft = now.offsetLeft - 40;
  element.dataset.count = points.length;
  reflect();
}

function keyed(event, n, id) {
  if (event.target.tagName === 'INPUT') return;
  const { points } = tray();
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (step && event.altKey) moveTo(id, n + step);
  else if (step && points[n + step]) choosePoint(points[n + step].id);
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
  const points = [...tray().points];
  const from = points.findIndex((entry) => entry.id === id);
  const to = Math.max(0, Math.min(points.length - 1, place));
  if (from < 0 || from === to) return;
  points.splice(to, 0, ...points.splice(from, 1));
  changeTray({ points });
}

function rename(id) {
  const label = list.querySelector(`[data-id="${id}"] .name`);
  if (!label || label.tagName === 'INPUT') return;
  const field = make('input', { class: 'name', maxlength: 24, value: label.textContent, 'aria-label': words.rename });
  const done = (keep) => {
    field.removeEventListener('blur', leave);
    if (keep && field.value.trim()) editPoint(id, { name: field.value.trim() });
    else render();
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

// A mouse drags at once, a finger after resting: the point moves along as soon as it passes the middle of another.
function grabbed(event, id) {
  if (event.button || event.target.closest('button, input')) return;
  const start = event.clientX;
  let holds = event.pointerType === 'mouse';
  const timer = holds ? null : setTimeout(() => { holds = true; list.style.touchAction = 'none'; mark(true); }, HOLD);
  const mark = (on) => list.querySelector(`[data-id="${id}"]`)?.classList.toggle('dragged', on);
  const move = (now) => {
    if (Math.abs(now.clientX - start) > 6 && !holds) return end();
    if (!holds || (!dragged && Math.abs(now.clientX - start) < 6)) return;
    dragged = id;
    const place = [...list.children].findIndex((other) => now.clientX < other.getBoundingClientRect().right);
    moveTo(id, place < 0 ? tray().points.length - 1 : place);
    mark(true);
  };
  const still = (now) => holds && now.preventDefault(); // the page does not scroll under a dragged point
  const end = () => {
    clearTimeout(timer);
    for (const [name, action] of [['pointermove', move], ['pointerup', end], ['pointercancel', end]]) window.removeEventListener(name, action);
    list.removeEventListener('touchmove', still);
    list.style.touchAction = '';
    mark(false);
    setTimeout(() => (dragged = null)); // after the click that ends a drag
  };
  for (const [name, action] of [['pointermove', move], ['pointerup', end], ['pointercancel', end]]) window.addEventListener(name, action);
  list.addEventListener('touchmove', still, { passive: false });
}

// the bar

const seedField = make('input', { type: 'number', min: 0, max: MAX_SEED, step: 1, value: 4, id: 'tray-seed', 'aria-label': words.seed, onkeydown: (event) => event.key === 'Enter' && addSeed() });
const picker = make('select', { id: 'tray-class', title: words.class_help, 'aria-label': words.class_help, onchange: () => relabel(Number(picker.value)) });
const shrink = make('input', { type: 'range', id: 'tray-truncation', min: 0, max: 1, step: 0.05, value: 1, 'aria-label': words.truncation, oninput: () => changeTray({ truncation: Number(shrink.value) }) });
const amount = make('output', {}, '1');
const button = (name, action, extra = {}) => make('button', { type: 'button', id: 'tray-' + name, title: words[name + '_help'], onclick: action, ...extra }, words[name]);
const folds = button('arithmetic', () => fold(sums.hidden), { 'aria-expanded': 'false' });

bar.append(
  make('span', { class: 'add' }, make('label', {}, words.seed + ' ', seedField), button('add', () => addSeed()),
    make('button', { type: 'button', id: 'tray-dice', title: words.dice, 'aria-label': words.dice, onclick: () => { seedField.value = Math.floor(Math.random() * 1e6); addSeed(); } }, '⤮')),
  picker,
  make('label', { title: words.truncation_help }, words.truncation + ' ', shrink, ' ', amount),
  make('span', { class: 'last' }, folds, button('python', () => showCode(code.hidden), { 'aria-expanded': 'false' }), button('link', () => copyLink()), button('clear', () => changeTray({ points: [], chosen: null }))));

function addSeed() {
  const seed = /^\s*\d+\s*$/.test(seedField.value) ? Number(seedField.value) : NaN;
  if (!(seed <= MAX_SEED)) return say('notice', words.bad_seed);
  const label = chosen()?.point.label;
  collect([{ point: label === undefined ? { seed } : { seed, label } }]);
}

function relabel(label) {
  const entry = chosen();
  if (entry) editPoint(entry.id, { point: { ...entry.point, label }, name: named(entry, label) });
}

// "#7 · 3" says the seed and the class, as long as nobody has given the point another name
const named = ({ point, name }, label) => (point.seed !== undefined && name.startsWith('#' + point.seed) ? `#${point.seed} · ${names[label] ?? label}` : name);

function reflect() {
  amount.textContent = tray().truncation;
  shrink.value = tray().truncation;
  picker.hidden = !names.length || !chosen();
  const label = chosen()?.point.label ?? 0;
  if (typeof label === 'number') picker.value = label;
  else picker.selectedIndex = -1; // a mixture of classes
}

function offer(found) {
  if (names.join('\n') !== found.join('\n')) picker.replaceChildren(...found.map((name, n) => make('option', { value: n }, name)));
  names = found;
  reflect();
}

// a link to what is on the tab now

const panel = () => document.querySelector('#latent-tabs [role="tab"][aria-selected="true"]')?.id.replace(/^panel-|-button$/g, '') ?? '';

async function copyLink() {
  const answer = await server.address(asked());
  if (answer.error) return say('notice', answer.error);
  const link = location.origin + location.pathname + answer.query + fragment(panel());
  element.dataset.link = link;
  await navigator.clipboard?.writeText(link).catch(() => history.replaceState(null, '', link)); // else it stands in the address line
  say('notice', { sentence: answer.weights ? words.copied : words.copied_view, bad: false });
}

// the lines of Python that make it again: the walk through the points, or their pictures where there is none

const copyButton = button('copy', async () => {
  await navigator.clipboard?.writeText(code.querySelector('pre').textContent);
  copyButton.textContent = words.copied_code;
  setTimeout(() => (copyButton.textContent = words.copy), 1500);
});

async function showCode(open) {
  code.hidden = !open;
  element.querySelector('#tray-python').setAttribute('aria-expanded', String(open));
  if (open) await askCode({});
}

const askCode = latest(async () => {
  const view = bus.views?.walk ?? {};
  const { speed = 'plain', method = 'slerp', frames = 64, loop = false, space = null } = view;
  const on = walked().length >= 2 ? walked() : tray().points;
  if (!on.length && !view.random) return;
  const where = view.random ? { random: view.seed, label: chosen()?.point.label ?? null } : { points: on.map(({ point }) => point), walk: walked().length >= 2 };
  const answer = await server.lines(asked({ speed, method, frames, loop, space, ...where }));
  if (answer.error) return say('notice', answer.error);
  code.querySelector('p').replaceChildren(answer.file ? fill(words.save_first, answer) : words.as_it_is, copyButton);
  code.querySelector('pre').textContent = answer.code;
});
hear('view', () => !code.hidden && askCode({}));

// a − b + c, and the mean of the walk's points

const cells = ['a', 'b', 'c'].map((letter, n) => make('button', { type: 'button', class: 'slot', 'data-slot': letter, title: words.slot_help, onclick: () => { taken = true; slots = ids(); slots[n] = chosen()?.id; ask({}); } }, make('canvas', {}), letter));
const result = make('span', { class: 'result', 'data-slot': 'sum' }, make('canvas', {}), 'a − b + c');
const mean = make('span', { class: 'result', 'data-slot': 'mean' }, make('canvas', {}), words.mean);
const sign = (text) => make('span', { class: 'sign', 'aria-hidden': 'true' }, text);
const keepSum = button('keep_sum', () => { const found = sumOf(); if (found) collect([found]); });
const keepMean = button('keep_mean', () => { const found = meanOf(); if (found) collect([found]); });
sums.append(make('span', { class: 'sum' }, cells[0], sign('−'), cells[1], sign('+'), cells[2], sign('='), result, keepSum), make('span', { class: 'sum' }, mean, keepMean));

function fold(open) {
  sums.hidden = !open;
  folds.setAttribute('aria-expanded', String(open));
  ask({});
}

const ids = () => slots.map((slot) => (taken ? slot : tray().points[slot]?.id));
const entries = () => ids().map((id) => tray().points.find((entry) => entry.id === id));
const weighed = (terms) => ({ sum: terms.map(([weight, { point }]) => [weight, point]) });
const labelled = (point, first) => (first.point.label === undefined ? point : { ...point, label: first.point.label });

function sumOf() {
  const [a, b, c] = entries();
  return a && b && c ? { point: labelled(weighed([[1, a], [-1, b], [1, c]]), a), name: `${a.name} − ${b.name} + ${c.name}` } : null;
}

function meanOf() {
  const on = walked();
  return on.length < 2 ? null : { point: labelled(weighed(on.map((entry) => [1 / on.length, entry])), on[0]), name: fill(words.mean_of, { count: on.length }) };
}

// pictures

const ask = latest(async () => {
  const { points } = tray();
  const extra = sums.hidden ? [] : [['sum', sumOf()], ['mean', meanOf()]].filter(([, made]) => made);
  const wanted = [...points.map(({ point }) => point), ...extra.map(([, { point }]) => point)];
  if (!wanted.length || !bus.visitor?.model) return;
  const answer = await server.pictures(asked({ points: wanted }));
  if (answer.error) return say('notice', answer.error);
  offer(answer.names);
  if (answer.misfits.some((n) => n < points.length)) return leaveOut(points.filter((entry, n) => answer.misfits.includes(n)));
  const image = await decode(answer.sprite);
  points.forEach(({ id }, n) => drawTile(face(id), image, answer.sprite, n));
  entries().forEach((entry, n) => entry && drawTile(cells[n].firstChild, image, answer.sprite, points.indexOf(entry)));
  extra.forEach(([slot], n) => drawTile(element.querySelector(`[data-slot="${slot}"] canvas`), image, answer.sprite, points.length + n));
  [keepSum.disabled, keepMean.disabled] = [!sumOf(), !meanOf()];
  element.dataset.painted = String(Number(element.dataset.painted || 0) + 1);
});

// made for a model with other latents: they mean nothing here
function leaveOut(entries) {
  const ids = entries.map(({ id }) => id);
  changeTray({ points: tray().points.filter(({ id }) => !ids.includes(id)) });
  say('notice', fill(words.misfit, { names: entries.map(({ name }) => name).join(', ') }));
}

// the status line is on the first tab: what is said to a visitor of this one stands here
let quiet = null;
hear('notice', (news) => {
  [notice.textContent, notice.hidden] = [news.sentence ?? news, false];
  notice.classList.toggle('bad', news.bad ?? true);
  clearTimeout(quiet);
  quiet = setTimeout(() => (notice.hidden = true), 8000);
});
empty.textContent = words.untrained;
list.setAttribute('aria-label', words.list);
hear('tray', () => { render(); ask({}); if (!code.hidden) askCode({}); });
render();
if (bus.linked) document.getElementById(`panel-${bus.linked}-button`)?.click();
keepUp(async (visitor) => {
  empty.hidden = visitor.model;
  body.hidden = !visitor.model;
  if (visitor.model) await ask({});
});
