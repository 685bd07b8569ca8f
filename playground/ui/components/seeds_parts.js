// Pictures of seeds as they come from the server, many to a sprite: the newest batches are kept, and a seed knows its own.
const BATCHES = 48;

function pictureStore() {
  let batches = [];
  const found = new Map(); // seed -> { batch, index }
  return {
    get: (seed) => found.get(seed),
    clear() {
      batches = [];
      found.clear();
    },
    add(batch) {
      batches.push(batch);
      batch.seeds.forEach((seed, index) => found.set(seed, { batch, index }));
      if (batches.length <= BATCHES) return;
      const gone = batches.shift();
      gone.seeds.forEach((seed) => found.get(seed)?.batch === gone && found.delete(seed));
    },
  };
}

// Where tiles lie in a view of some width: as many columns as fit, of `side` pixels or a little more.
function layout(width, height, side, total) {
  const columns = Math.max(1, Math.floor(width / (side + 4)));
  const cell = width / columns;
  return { columns, cell, tile: Math.floor(cell) - 4, rows: Math.ceil(total / columns), width, height };
}

const drawSprite = (context, { batch, index }, x, y, side) => {
  const { sprite, image } = batch;
  const column = index % sprite.columns;
  const row = Math.floor(index / sprite.columns);
  context.drawImage(image, column * sprite.width, row * sprite.height, sprite.width, sprite.height, x, y, side, side);
};

// The places of values, the highest first or the lowest; what is no number comes last.
function placesByValue(values, down) {
  const worth = (place) => values[place] ?? (down ? -Infinity : Infinity);
  return values.map((_, place) => place).sort((a, b) => (down ? worth(b) - worth(a) : worth(a) - worth(b)) || a - b);
}

const figure = (value) => (value === null || value === undefined ? '–' : value.toPrecision(3).replace(/^-/, '−'));

// ---- the sheet, without end: drawn on one canvas that stays in view while the space below it scrolls
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

// the rows in view, as places from .. to; browsers round where they scroll to
function inView(more = 0) {
  const first = Math.max(0, Math.floor(view.scrollTop / grid.cell + 0.02) - more) * grid.columns;
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
    bus.views ??= {};
    bus.views.seeds = { ...state };
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
