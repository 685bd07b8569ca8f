// Directions are JSON as in their file; those found lie here, so that the next six come at once. `list` are all of them,
// six of which have a slider each; `strengths` belongs to `list`, in standard deviations.
const find = (selector) => element.querySelector(selector);
const [empty, body, notice, rows, pager, faces] = ['.empty', '.body', '.notice', '.rows', '.pager', '.faces'].map(find);
const [methods, stages, starts, stops] = ['.method', '.stage', '.from', '.to'].map((name) => find(name + ' select'));
const [go, halt, bar] = ['.find', '.halt', 'progress'].map(find);
const METHODS = ['sefa', 'pca', 'classes', 'marks'];
const SHOWN = 6;
const found = new Map(); // what was found, by how: emptied when the model is another
let info = null;
let list = [];
let strengths = [];
let page = 0;
let token = 0;
let wanted = null; // strengths to take over when their directions are there
let kept = null; // the model that the above is about
let idle = null;
let touched = -1; // the row whose slider was moved last

const complain = (sentence) => { notice.hidden = !sentence; notice.textContent = sentence || ''; };
const digits = (number) => number.toFixed(1).replace('-', '−');
const shownNow = () => list.slice(page * SHOWN, page * SHOWN + SHOWN);
const placed = (n) => page * SHOWN + n;
// those on the page first: the strips are of them
const moves = () => {
  const order = [...list.keys()].sort((a, b) => (Math.floor(a / SHOWN) !== page) - (Math.floor(b / SHOWN) !== page) || a - b);
  return order.filter((n) => Math.floor(n / SHOWN) === page || strengths[n]).map((n) => [list[n], strengths[n]]);
};
const request = (extra = {}) => asked({ point: chosen()?.point, moves: moves(), ...extra });
const how = () => ({
  sefa: { method: 'sefa', stage: stages.value },
  pca: { method: 'pca', stage: stages.value, label: chosen()?.point.label ?? null },
  classes: { method: 'classes', start: Number(starts.value), stop: Number(stops.value) },
}[methods.value] ?? { method: methods.value });

const look = latest(async () => {
  if (!list.length || !chosen()) return;
  const answer = await server.moved(request());
  if (answer.error) return complain(answer.error);
  const image = await decode(answer.sprite);
  faces.querySelectorAll('canvas').forEach((canvas, n) => drawTile(canvas, image, answer.sprite, n));
  const small = rows.children[touched]?.querySelector('.now canvas');
  if (small) drawTile(small, image, answer.sprite, 1);
  for (const row of rows.children) row.querySelector('.now canvas').hidden = row !== rows.children[touched];
  element.dataset.painted = String(Number(element.dataset.painted || 0) + 1);
});

const lookAtStrips = latest(async () => {
  if (!list.length || !chosen()) return;
  const [asking, answer] = [page, await server.strips(request())];
  if (answer.error) return complain(answer.error);
  if (asking !== page) return;
  const image = await decode(answer.sprite);
  rows.querySelectorAll('.strip canvas').forEach((canvas, n) => drawTile(canvas, image, answer.sprite, n));
  element.dataset.strips = String(Number(element.dataset.strips || 0) + 1);
});

function refresh() {
  look({});
  clearTimeout(idle);
  idle = setTimeout(() => lookAtStrips({}), 250);
}

function publishView() {
  bus.views ??= {};
  bus.views.steer = { method: methods.value, stage: stages.value, start: Number(starts.value) || 0, stop: Number(stops.value) || 0, page, strengths };
  say('view', 'steer');
}

function setStrength(n, value) {
  [strengths[placed(n)], touched] = [value, n];
  const row = rows.children[n];
  row.querySelector('input[type=range]').value = value;
  row.querySelector('output').textContent = digits(value);
  refresh();
  publishView();
}

function actsOn(direction, redraw) {
  if (info.entries.length < 2) return null;
  const all = info.entries.map(({ name }) => name);
  const toggle = (name) => {
    const now = new Set(direction.stages ?? all);
    if (!now.delete(name)) now.add(name);
    if (!now.size) return;
    direction.stages = now.size === all.length ? null : all.filter((other) => now.has(other));
    redraw();
  };
  return make('div', { class: 'acts', role: 'group', title: words.acts_help }, ...info.entries.map(({ name, size }) =>
    make('button', { type: 'button', title: fill(words.acts_on, { name }), 'aria-pressed': String(!direction.stages || direction.stages.includes(name)), onclick: () => toggle(name) }, size || name)));
}

function makeRow(direction, n) {
  const name = make('input', { class: 'name', type: 'text', maxlength: 60, title: words.name_help, 'aria-label': words.name_help, onchange: () => { direction.name = name.value.trim() || direction.name; name.value = direction.name; } });
  name.value = direction.name;
  const share = direction.share === null ? '' : fill(direction.method === 'pca' ? words.share_pca : words.share_sefa, { share: (100 * direction.share).toFixed(1) });
  const slider = make('input', { type: 'range', min: -3, max: 3, step: 0.1, title: words.slider_help, 'aria-label': direction.name, oninput: () => setStrength(n, Number(slider.value)) });
  slider.value = strengths[placed(n)];
  const pictures = [-3, -2, -1, 0, 1, 2, 3].map((at) =>
    make('button', { type: 'button', title: fill(words.jump, { strength: digits(at) }), 'aria-label': fill(words.jump, { strength: digits(at) }), onclick: () => setStrength(n, at) }, make('canvas', { 'aria-hidden': 'true' })));
  return make('div', { class: 'row' },
    make('div', { class: 'about' }, name, make('small', {}, share), actsOn(direction, () => { drawRows(); refresh(); })),
    make('div', { class: 'track' }, make('div', { class: 'strip' }, ...pictures), make('div', { class: 'slide' }, slider)),
    make('div', { class: 'now' }, make('canvas', { 'aria-hidden': 'true', hidden: true }), make('output', {}, digits(strengths[placed(n)]))));
}

function drawRows() {
  touched = -1;
  rows.replaceChildren(...shownNow().map(makeRow));
  const last = Math.ceil(list.length / SHOWN) - 1;
  const turn = (step) => { page = Math.min(last, Math.max(0, page + step)); drawRows(); refresh(); publishView(); };
  const button = (word, help, step, off) => make('button', { type: 'button', title: help, disabled: off, onclick: () => turn(step) }, word);
  const range = fill(words.range, { from: page * SHOWN + 1, to: Math.min(list.length, page * SHOWN + SHOWN), count: list.length });
  pager.replaceChildren(...(last > 0 ? [button(words.before_six, words.before_six_help, -1, page === 0), range, button(words.next_six, words.next_six_help, 1, page === last)] : []));
  element.dataset.directions = String(list.length);
}

function take(directions) {
  list = directions.map((direction) => ({ ...direction }));
  strengths = list.map((_, n) => Math.min(3, Math.max(-3, Number(wanted?.strengths?.[n]) || 0)));
  page = Math.max(0, Math.min(Math.ceil(list.length / SHOWN) - 1, Math.round(wanted?.page) || 0));
  wanted = null;
  complain('');
  drawRows();
  refresh();
  publishView();
}

function busy(progress) {
  go.hidden = progress !== null || ['sefa', 'marks'].includes(methods.value);
  halt.hidden = bar.hidden = progress === null;
  bar.value = progress ?? 0;
}

function finish(answer, key) {
  busy(null);
  if (answer.error) return complain(answer.error);
  if (answer.stopped) return;
  found.set(key, answer.found);
  take(answer.found);
}

async function search() {
  const wish = how();
  const key = JSON.stringify(wish);
  complain('');
  if (found.has(key)) return take(found.get(key));
  if (wish.method === 'sefa') return finish(await server.factors(asked(wish)), key);
  if (wish.method === 'marks') return;
  token += 1;
  found.waiting = { token, key };
  busy(0);
  trigger('go', { request: { ...wish, token, point: chosen()?.point } });
}

function offer(select, options, value) {
  select.replaceChildren(...options.map(([name, text]) => make('option', { value: name }, text)));
  if (options.some(([name]) => String(name) === String(value))) select.value = value;
}

// what can be chosen goes with the method
function reflect(view = null) {
  const method = methods.value;
  const title = ({ name, size }) => [name, size ? name + ' · ' + size : name];
  const entries = info.entries.length > 1 ? [['', info.space === 'w' ? words.all_sizes : words.first_layer], ...info.entries.map(title)] : [['', words.first_layer]];
  const before = view?.stage ?? stages.value;
  offer(stages, method === 'pca' ? info.stages.map(title) : entries, before);
  if (method === 'pca' && before !== stages.value && !view) stages.value = info.stages[Math.min(1, info.stages.length - 1)]?.name;
  const classes = info.classes.map((name, n) => [n, name]);
  offer(starts, classes, view?.start ?? (starts.value || 0));
  offer(stops, classes, view?.stop ?? (stops.value || 1));
  if (starts.value === stops.value && classes.length > 1) stops.value = (Number(starts.value) + 1) % classes.length;
  stages.parentElement.hidden = !(method === 'pca' || (method === 'sefa' && info.entries.length > 1));
  for (const select of [starts, stops]) select.parentElement.hidden = method !== 'classes' || !info.classes.length;
  go.disabled = method === 'classes' && !info.classes.length;
  go.hidden = method === 'marks' || method === 'sefa';
  find('.marks').hidden = method !== 'marks';
  const one = info.entries.length < 2 ? ' ' + fill(words.one_entry, { name: info.entries[0].name }) : '';
  find('.why').textContent = method === 'classes' && info.problem ? info.problem[0].toUpperCase() + info.problem.slice(1) + '.' : words['why_' + method] + one;
  if (method === 'marks') drawMarks();
}

async function changeMethod() {
  reflect();
  const known = found.get(JSON.stringify(how()));
  if (known || methods.value === 'sefa') await search();
  publishView();
}

function adopt(view) {
  if (!view || !METHODS.includes(view.method)) return;
  wanted = { strengths: Array.isArray(view.strengths) ? view.strengths : [], page: view.page };
  methods.value = view.method;
  if (!info) return (wanted.view = view);
  reflect(view);
  search();
}

async function keepPoint() {
  const answer = await server.keep(request());
  if (answer.error) return complain(answer.error);
  collect([{ point: answer.point, name: fill(words.kept, { name: chosen().name || words.point }), walked: false }]);
}

async function saveAs(kind) {
  const all = kind === 'json' ? list.map((direction, n) => [direction, strengths[n]]) : moves();
  const answer = await server.save(request({ moves: all, kind }));
  if (answer.error) complain(answer.error);
  else save(answer);
}

async function openFile(input) {
  const file = input.files[0];
  input.value = '';
  if (!file) return;
  if (file.size > 2 ** 20) return complain(words.too_large);
  const answer = await server.opened(asked({ text: await file.text() }));
  if (answer.error) complain(answer.error);
  else take(answer.found);
}

const tool = (name, action) => make('button', { type: 'button', class: name, title: words[name + '_help'], onclick: action }, words[name]);
const drawMarks = markSheet(find('.marks'), (answer) => (answer.error ? complain(answer.error) : take(answer.found)));
empty.textContent = words.untrained;
find('.intro').textContent = words.intro;
[['.method', words.method, words.method_help], ['.stage', words.stage, words.stage_help], ['.from', words.from, words.class_help], ['.to', words.to, words.class_help]].forEach(([name, text, help]) => {
  find(name + ' span').textContent = text;
  find(name + ' select').title = help;
});
go.textContent = words.find;
go.title = words.find_help;
halt.textContent = words.halt;
halt.title = words.halt_help;
offer(methods, METHODS.map((name) => [name, words['method_' + name]]), 'sefa');
for (const [name, text] of [['before', words.before], ['after', words.after]]) faces.append(make('figure', { class: name }, make('canvas', { role: 'img', 'aria-label': text }), make('figcaption', {}, text)));
find('.side > .tools').append(tool('keep', keepPoint), tool('reset', () => { strengths = strengths.map(() => 0); drawRows(); refresh(); publishView(); }));
find('summary').textContent = words.files;
const opener = make('input', { type: 'file', accept: '.json,application/json', onchange: () => openFile(opener) });
find('.files').append(tool('save_json', () => saveAs('json')), make('label', { title: words.open_json_help }, words.open_json, opener), tool('save_png', () => saveAs('png')));

methods.addEventListener('change', changeMethod);
for (const select of [stages, starts, stops]) select.addEventListener('change', changeMethod);
go.addEventListener('click', search);
halt.addEventListener('click', () => { busy(null); found.waiting = null; trigger('halt', {}); });
follow(() => {
  const news = props.value;
  if (!news || !found.waiting || news.token !== found.waiting.token) return;
  if (news.progress !== undefined) return busy(news.progress);
  const { key } = found.waiting;
  found.waiting = null;
  finish(news, key);
});
hear('tray', () => { if (info && shown()) refresh(); });
hear('views', () => adopt(bus.views?.steer));
keepUp(async (visitor) => {
  empty.hidden = visitor.model;
  body.hidden = !visitor.model;
  if (!visitor.model) return;
  const answer = await server.choices(asked());
  if (answer.error) return complain(answer.error);
  const other = kept !== visitor.session + answer.key;
  [info, kept] = [answer, visitor.session + answer.key];
  found.clear();
  const view = wanted?.view ?? (other ? null : { stage: stages.value, start: starts.value, stop: stops.value });
  if (other && !view) methods.value = 'sefa';
  reflect(view);
  // what was found of the weights before still leads somewhere; only other networks have other directions
  if (other || !list.length) await search();
  else refresh();
});
adopt(bus.views?.steer);
