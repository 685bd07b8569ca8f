// A sheet of seeds without end, drawn on one canvas that stays in view while the space below it scrolls.
const find = (selector) => element.querySelector(selector);
const [view, space, canvas, tip, news, large] = ['.view', '.space', '.view canvas', '.tip', '.news', '.large'].map(find);
const LIMIT = 1e6; // seeds on the unsorted sheet, from its first on
const MAX_SEED = 2147483647;
const BYS = ['seed', 'score', 'typicality', 'similarity'];
const store = pictureStore();
const state = { by: 'seed', down: true, count: 1000, label: null, base: 0, top: 0, picked: null, to: null };
let names = []; // of the classes
let ranking = null; // { values, order, by, measure, step, epoch } once sorted
let asking = null; // the number of the order asked for and not answered
let asks = 0;
let epoch = 0; // of the model: pictures of an earlier one are drawn until there are new ones
let grid = layout(100, 460, 56, 1);
let cursor = 0;
let selecting = false;
const selected = new Set();
let most = 128; // pictures to ask for at once: as many as come quickly
let truncation = 1;

const total = () => (ranking ? ranking.order.length : Math.min(LIMIT, MAX_SEED + 1 - state.base));
const seedAt = (place) => (ranking ? ranking.order[place] : state.base + place);
const classOf = (seed) => (names.length ? state.label ?? seed % names.length : null);
const pointOf = (seed) => (names.length ? { seed, label: classOf(seed) } : { seed });
const nameOfSeed = (seed) => '#' + seed + (names.length ? ' · ' + names[classOf(seed)] : '');
const starOf = (seed) => tray().points.find(({ point }) => point.seed === seed && (!names.length || (point.label ?? 0) === classOf(seed)));
const placeOf = () => (ranking ? ranking.order.indexOf(state.picked) : state.picked - state.base);

function describe(seed) {
  const value = ranking && ranking.by !== 'seed' ? fill(words['value_' + ranking.by], { value: figure(ranking.values[seed]) }) : '';
  return [fill(words.seed, { seed }), names.length ? names[classOf(seed)] : '', value].filter(Boolean).join(' · ');
}

// the rows in view, as places from .. to
function inView(more = 0) {
  const first = Math.max(0, Math.floor(view.scrollTop / grid.cell) - more) * grid.columns;
  const last = Math.min(total(), (Math.ceil((view.scrollTop + grid.height) / grid.cell) + more) * grid.columns);
  return { first, last };
}

function draw() {
  if (!grid.width) return;
  const ratio = window.devicePixelRatio || 1;
  const size = [Math.round(grid.width * ratio), Math.round(grid.height * ratio)];
  if (canvas.width !== size[0] || canvas.height !== size[1]) [canvas.width, canvas.height] = size;
  const context = canvas.getContext('2d');
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, grid.width, grid.height);
  context.imageSmoothingEnabled = false;
  const hues = { none: colour('--pg-hatch'), star: '#E69F00', mark: colour('--pg-accent') };
  const { first, last } = inView();
  const shownSeeds = [];
  for (let place = first; place < last; place++) {
    const x = (place % grid.columns) * grid.cell + 2;
    const y = Math.floor(place / grid.columns) * grid.cell - view.scrollTop + 2;
    if (drawTileAt(context, seedAt(place), place, x, y, hues)) shownSeeds.push(seedAt(place));
  }
  Object.assign(element.dataset, { first: seedAt(first), columns: grid.columns, total: total(), drawn: shownSeeds.length, wanted: last - first, tile: grid.tile });
  element.dataset.painted = String(Number(element.dataset.painted || 0) + 1);
}

function drawTileAt(context, seed, place, x, y, hues) {
  const entry = store.get(seed);
  const side = grid.tile;
  if (entry) drawSprite(context, entry, x, y, side);
  else {
    context.fillStyle = hues.none;
    context.fillRect(x, y, side, side);
  }
  const marked = selected.has(seed);
  if (marked || seed === state.picked || (place === cursor && document.activeElement === view)) {
    context.strokeStyle = hues.mark;
    context.lineWidth = marked || seed === state.picked ? 3 : 1.5;
    context.strokeRect(x, y, side, side);
  }
  if (marked) badge(context, '✓', x, y + side - 18, hues.mark, '#fff');
  if (starOf(seed)) badge(context, '★', x + side - 18, y, '#1d2636', hues.star);
  return Boolean(entry);
}

function badge(context, sign, x, y, back, front) {
  context.fillStyle = back;
  context.fillRect(x, y, 18, 18);
  context.fillStyle = front;
  context.font = '13px system-ui, sans-serif';
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillText(sign, x + 9, y + 9.5);
}

let frame = null;
const redraw = () => (frame ??= requestAnimationFrame(() => {
  frame = null;
  draw();
}));

// what is in view and not there yet or of an earlier model; then what lies just beyond
function missing() {
  const lacking = ({ first, last }) => Array.from({ length: Math.max(0, last - first) }, (_, n) => seedAt(first + n)).filter((seed) => store.get(seed)?.batch.epoch !== epoch);
  const here = lacking(inView());
  return here.length || bus.visitor?.training ? here : lacking(inView(3));
}

const place = () => ({ label: state.label });
const ask = latest(async () => {
  for (let wanted = missing(); wanted.length && shown(); wanted = missing()) {
    const seeds = wanted.slice(0, most);
    const [of, start, key] = [epoch, performance.now(), JSON.stringify([state.label, truncation])];
    const answer = await server.pictures(asked({ seeds, ...place() }));
    if (key !== JSON.stringify([state.label, truncation])) continue; // other pictures are wanted meanwhile
    if (answer.error) return refused(answer.error);
    const image = await decode(answer.sprite);
    const took = performance.now() - start;
    most = took > 400 ? Math.max(24, most >> 1) : took < 150 ? Math.min(256, most * 2) : most;
    store.add({ seeds, image, sprite: answer.sprite, epoch: of });
    offer(answer.names);
    redraw();
  }
});

function refused(sentence) {
  if (state.label !== null) { // this model may know other classes, or none
    state.label = null;
    store.clear();
    reflect();
    setTimeout(() => ask({}));
  }
  tell(sentence, true);
}

function offer(found) {
  if (found.join('\n') === names.join('\n') && picker.dataset.offered) return;
  names = found;
  picker.dataset.offered = '1';
  picker.parentElement.hidden = !names.length;
  picker.replaceChildren(make('option', { value: '' }, words.all), ...names.map((name, n) => make('option', { value: n }, name)));
  reflect();
}

function arrange(keep = false) {
  const width = view.clientWidth;
  if (!width) return;
  grid = layout(width, view.clientHeight, width > 600 ? 56 : 46, total());
  space.style.height = Math.max(grid.rows * grid.cell, grid.height) + 'px';
  [canvas.style.width, canvas.style.height] = [grid.width + 'px', grid.height + 'px'];
  if (!keep) view.scrollTop = Math.floor(state.top / grid.columns) * grid.cell;
  redraw();
  ask({});
}

// the state as others may keep and give back
let saving = null;
function remember() {
  clearTimeout(saving);
  saving = setTimeout(() => {
    bus.views = { ...(bus.views ?? {}), seeds: { ...state } };
    say('view', 'seeds');
  }, 200);
}

function adopt(given) {
  if (!given || typeof given !== 'object' || JSON.stringify(given) === JSON.stringify(state)) return;
  const whole = (value, high) => Number.isInteger(value) && value >= 0 && value <= high;
  if (BYS.includes(given.by)) state.by = given.by;
  if ([500, 1000, 4000].includes(given.count)) state.count = given.count;
  if (typeof given.down === 'boolean') state.down = given.down;
  for (const name of ['base', 'picked']) if (whole(given[name], MAX_SEED) || given[name] === null) state[name] = given[name] ?? (name === 'base' ? 0 : null);
  if (whole(given.top, LIMIT)) state.top = given.top;
  state.label = whole(given.label, 999) ? given.label : null;
  state.to = given.to && typeof given.to === 'object' ? given.to : null;
  if (state.by === 'similarity' && !state.to) state.by = 'seed';
  store.clear();
  ranking = null;
  reflect();
  arrange();
  if (state.by !== 'seed') sort();
  aboutPicked({});
}

function tell(sentence, bad = false, progress = null) {
  news.hidden = !sentence;
  news.classList.toggle('bad', bad);
  news.querySelector('span').textContent = sentence || '';
  news.querySelector('progress').hidden = progress === null;
  news.querySelector('progress').value = progress ?? 0;
  news.querySelector('.stop').hidden = progress === null;
  news.querySelector('.again').hidden = !(ranking && ranking.epoch !== epoch) || progress !== null;
}

// ---- sorting
function unsorted() {
  if (asking !== null) trigger('halt', {});
  [state.by, ranking, asking] = ['seed', null, null];
  tell('');
  reflect();
  jump(0);
}

function sort() {
  if (state.by === 'similarity') state.to ??= state.picked !== null ? pointOf(state.picked) : chosen()?.point ?? { seed: 0 };
  asking = ++asks;
  const { by, count, label, to } = state;
  tell(fill(words.sorting, { percent: 0, count: count.toLocaleString('en') }), false, 0);
  reflect();
  trigger('go', { request: { id: asking, by, count, label, to, truncation, of: epoch } });
  sort.epoch = epoch;
}

function sorted({ values, measure, step }) {
  asking = null;
  ranking = { values, measure, step, by: state.by, epoch: sort.epoch };
  ranking.order = placesByValue(values, state.down);
  summarise();
  reflect();
  jump(0);
  element.dataset.sorted = state.by;
}

function summarise() {
  if (!ranking) return;
  if (ranking.epoch !== epoch) return tell(words.outdated);
  const known = ranking.values.filter((value) => value !== null);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  tell(fill(words.sorted, { count: ranking.values.length.toLocaleString('en'), measure: ranking.measure, low: figure(low), high: figure(high) }));
}

function jump(place) {
  state.top = cursor = place;
  arrange();
  remember();
}

// ---- one sample
const aboutPicked = latest(async () => {
  const seed = state.picked;
  find('.picked').hidden = false;
  find('.tools.one').hidden = large.hidden = seed === null;
  find('.facts b').textContent = seed === null ? '' : fill(words.seed, { seed }) + (names.length ? ' · ' + names[classOf(seed)] : '');
  find('.facts span').textContent = seed === null ? words.none : '';
  if (seed === null) return;
  reflectStar();
  const answer = await server.about(asked({ seed, ...place() }));
  if (answer.error || seed !== state.picked) return;
  drawTile(large, await decode(answer.sprite), answer.sprite, 0);
  large.setAttribute('aria-label', describe(seed));
  const value = ranking && !['seed', 'score'].includes(ranking.by) ? ranking.values[seed] : undefined;
  const more = value === undefined ? '' : ' · ' + fill(words['value_' + ranking.by], { value: figure(value) });
  find('.facts span').textContent = fill(words.value_score, { value: figure(answer.score) }) + more;
  element.dataset.picked = seed;
});

function pick(at) {
  cursor = at;
  state.picked = seedAt(at);
  redraw();
  remember();
  aboutPicked({});
}

function star(seeds) {
  const fresh = seeds.filter((seed) => !starOf(seed));
  if (fresh.length) return collect(fresh.map((seed) => ({ point: pointOf(seed), name: nameOfSeed(seed) })));
  seeds.forEach((seed) => starOf(seed) && dropPoint(starOf(seed).id));
}

// ---- several samples
function toggle(at, through = false) {
  const [from, to] = through ? [Math.min(cursor, at), Math.max(cursor, at)] : [at, at];
  for (let place = from; place <= to && selected.size < MAX_COLLECTED + 1; place++) {
    const seed = seedAt(place);
    if (through || !selected.has(seed)) selected.add(seed);
    else selected.delete(seed);
  }
  if (selected.size > MAX_COLLECTED) selected.delete([...selected].at(-1));
  cursor = at;
  reflectSelection();
}

function average() {
  const points = [...selected].map(pointOf);
  const point = { sum: points.map((each) => [1 / points.length, each]) };
  if (names.length) {
    const weights = names.map((_, n) => points.filter(({ label }) => label === n).length / points.length);
    point.label = weights.indexOf(1) >= 0 ? weights.indexOf(1) : weights;
  }
  collect([{ point, name: fill(words.mean, { count: points.length }) }]);
}

function reflectSelection() {
  find('.tools.many').hidden = !selected.size && !selecting;
  count.textContent = fill(words.selected, { count: selected.size, most: MAX_COLLECTED });
  [starAll.disabled, mean.disabled, clear.disabled] = [!selected.size, selected.size < 2, !selected.size];
  selectMode.setAttribute('aria-pressed', selecting);
  element.dataset.selected = selected.size;
  redraw();
}

function reflectStar() {
  const on = state.picked !== null && Boolean(starOf(state.picked));
  starOne.textContent = on ? words.unstar : words.star;
  starOne.setAttribute('aria-pressed', on);
}

// ---- controls
const button = (text, help, action, name = '') => make('button', { type: 'button', title: help, class: name, onclick: action }, text);
const by = make('select', { class: 'by', title: words.by_help, onchange: () => {
  state.to = null;
  state.by = by.value;
  if (state.by === 'seed') unsorted();
  else sort();
} }, ...BYS.map((name) => make('option', { value: name }, words['by_' + name])));
const way = button('', words.way_help, () => {
  state.down = !state.down;
  ranking.order = placesByValue(ranking.values, state.down);
  reflect();
  jump(0);
}, 'way');
const amount = make('select', { class: 'amount', title: words.count_help, onchange: () => {
  state.count = Number(amount.value);
  sort();
} }, ...[500, 1000, 4000].map((n) => make('option', { value: n }, fill(words.count, { count: n.toLocaleString('en') }))));
const picker = make('select', { class: 'class', title: words.class_help, onchange: () => {
  state.label = picker.value === '' ? null : Number(picker.value);
  store.clear();
  selected.clear();
  if (state.by !== 'seed') sort();
  reflectSelection();
  arrange(true);
  aboutPicked({});
  remember();
} });
const go = make('input', { type: 'number', min: 0, max: MAX_SEED, step: 1, class: 'goto', title: words.goto_help, placeholder: '0', onchange: () => {
  const seed = Number(go.value);
  if (go.value === '' || !Number.isInteger(seed) || seed < 0 || seed > MAX_SEED) return tell(words.bad_seed, true);
  tell('');
  state.base = seed < LIMIT ? 0 : seed - (seed % 1000);
  jump(seed - state.base);
  pick(seed - state.base);
} });
const selectMode = button(words.select, words.select_help, () => {
  selecting = !selecting;
  if (!selecting) selected.clear();
  reflectSelection();
}, 'select');
find('.bar').append(make('label', {}, words.by, by), way, amount, make('label', { class: 'seek' }, words.goto, go), make('label', { hidden: true }, words.class, picker), selectMode);
const starOne = button('', words.star_help, () => star([state.picked]), 'star');
const similar = button(words.similar, words.similar_help, () => {
  [state.by, state.to] = ['similarity', pointOf(state.picked)];
  sort();
}, 'similar');
find('.tools.one').append(starOne, similar);
const count = make('span', { class: 'count' });
const starAll = button(words.star_all, words.star_all_help, () => star([...selected]), 'star-all');
const mean = button(words.average, words.average_help, average, 'average');
const clear = button(words.clear, words.clear_help, () => {
  selected.clear();
  reflectSelection();
}, 'clear');
find('.tools.many').append(count, starAll, mean, clear);
Object.assign(find('.stop'), { textContent: words.stop, title: words.stop_help, onclick: () => trigger('halt', {}) });
Object.assign(find('.again'), { textContent: words.again, title: words.again_help, onclick: sort });

function reflect() {
  by.value = state.by;
  amount.value = state.count;
  picker.value = state.label ?? '';
  way.textContent = state.down ? words.highest : words.lowest;
  way.hidden = amount.hidden = state.by === 'seed';
  way.disabled = !ranking;
  find('.seek').hidden = state.by !== 'seed';
}

// ---- the sheet under pointer and keys
function at(event) {
  const box = canvas.getBoundingClientRect();
  const [x, y] = [event.clientX - box.left, event.clientY - box.top + view.scrollTop];
  const found = Math.floor(y / grid.cell) * grid.columns + Math.min(grid.columns - 1, Math.floor(x / grid.cell));
  return x >= 0 && found >= 0 && found < total() ? found : null;
}

function hover(place) {
  tip.hidden = place === null;
  if (place === null) return;
  tip.textContent = describe(seedAt(place));
  const x = (place % grid.columns) * grid.cell;
  tip.style.left = Math.max(2, Math.min(x, grid.width - tip.offsetWidth - 4)) + 'px';
  const y = Math.floor(place / grid.columns) * grid.cell;
  tip.style.top = (y - 24 < view.scrollTop ? y + grid.cell + 2 : y - 24) + 'px';
}

canvas.addEventListener('click', (event) => {
  const place = at(event);
  if (place === null) return;
  if (event.shiftKey) toggle(place, true);
  else if (selecting || event.ctrlKey || event.metaKey) toggle(place);
  else pick(place);
});
canvas.addEventListener('pointermove', (event) => event.pointerType === 'mouse' && hover(at(event)));
canvas.addEventListener('pointerleave', () => hover(null));
view.addEventListener('scroll', () => {
  hover(null);
  state.top = inView().first;
  redraw();
  ask({});
  remember();
}, { passive: true });
view.addEventListener('keydown', (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -grid.columns, ArrowDown: grid.columns }[event.key];
  if (step) cursor = Math.max(0, Math.min(total() - 1, cursor + step));
  else if (event.key === 'Enter') pick(cursor);
  else if (event.key === 's' || event.key === 'S') star([seedAt(cursor)]);
  else if (event.key === ' ') toggle(cursor);
  else return;
  event.preventDefault();
  const y = Math.floor(cursor / grid.columns) * grid.cell;
  if (y < view.scrollTop) view.scrollTop = y;
  if (y + grid.cell > view.scrollTop + grid.height) view.scrollTop = y + grid.cell - grid.height;
  find('.at').textContent = describe(seedAt(cursor)) + (starOf(seedAt(cursor)) ? ' ★' : '');
  redraw();
});
view.addEventListener('focus', redraw);
view.addEventListener('blur', redraw);
view.setAttribute('aria-label', words.keys);
find('.intro').textContent = words.intro;
find('.at').textContent = words.keys;
find('.empty').textContent = words.untrained;

hear('tray', (now) => {
  if (now.truncation !== truncation) {
    truncation = now.truncation;
    store.clear();
    epoch++;
    summarise();
    ask({});
    aboutPicked({});
  }
  reflectStar();
  redraw();
});
hear('views', () => adopt(bus.views?.seeds));
new ResizeObserver(() => arrange(false)).observe(view);
new MutationObserver(redraw).observe(document.body, { attributes: true, attributeFilter: ['class'] });
watch('value', () => {
  const answer = props.value;
  if (asking === null || answer?.id !== asking) return; // of an order that is not wanted any more
  if (answer.error || answer.stopped) {
    unsorted();
    return answer.error && tell(answer.error, true);
  }
  if (answer.values) return sorted(answer);
  const seconds = answer.fraction > 0.02 ? (answer.elapsed * (1 - answer.fraction)) / answer.fraction : null;
  const left = seconds === null ? '' : ' ' + fill(words.left, { seconds: Math.ceil(seconds) });
  tell(fill(words.sorting, { percent: Math.round(100 * answer.fraction), count: state.count.toLocaleString('en') }) + left, false, answer.fraction);
});
reflect();
reflectSelection();
aboutPicked({});
keepUp(async (visitor) => {
  find('.body').hidden = !visitor.model;
  find('.empty').hidden = visitor.model;
  if (!visitor.model) return;
  if (!epoch++) {
    truncation = tray().truncation;
    adopt(bus.views?.seeds);
    arrange();
  }
  if (asking === null) summarise();
  await ask({});
  if (state.picked !== null) await aboutPicked({});
});
