const find = (selector) => element.querySelector(selector);
const [body, empty, notice, list, wall, edit, pages] = ['.body', '.empty', '.notice', '.modules', '.wall', '.edit', '.pages'].map(find);
const FACTORS = [[0, '×0'], [1, '×1'], [2, '×2'], [-1, '×−1']];
const state = { chosen: null, sort: 'activity', page: 0, seed: null, label: null, edits: [], scale: 'channel' };
let data = null; // the latest answer
let shownWall = null; // its numbers
let causes = null; // what the followed pixel was caused by
let pixel = null;
let picked = null; // a channel of the chosen module
let plan = null;
let fields = {};
let deadBy = {};
let structure = '';
let filming = false;

const keyOf = (module) => module.key.join('.');
const module = (key = data.wall.key) => data.modules.find((one) => keyOf(one) === key.join('.'));
const asking = (extra = {}) => ({ model: bus.visitor?.session, ...state, ...extra });
const by = (shape) => (shape.length ? shape.join('×') : '1');
const complain = (sentence) => {
  notice.hidden = !sentence;
  notice.textContent = sentence || '';
};

// ---- what is asked ----
const look = latest(async () => {
  const start = performance.now();
  const asked = asking();
  const answer = await server.look(asked);
  if (answer.error) return complain(answer.error);
  complain('');
  data = answer;
  // what was chosen while this answer was on its way stays chosen: it is asked for next
  if (state.chosen === asked.chosen && state.page === asked.page) [state.chosen, state.page] = [answer.wall.key, answer.wall.page];
  shownWall = floats(answer.wall);
  const image = await decode(answer.sprite);
  if (pixel) await trace();
  else causes = null;
  const form = answer.modules.map(keyOf).join();
  const fresh = form !== structure;
  structure = form;
  draw(image);
  element.dataset.took = Math.round(performance.now() - start);
  element.dataset.painted = String(Number(element.dataset.painted || 0) + 1);
  if (fresh) askReach({});
});

const askReach = latest(async () => {
  const answer = await server.reach({ model: bus.visitor?.session });
  fields = answer.fields ?? {};
  if (data) describe();
});

const askDead = latest(async () => {
  const answer = await server.dead({ model: bus.visitor?.session });
  deadBy = answer.dead ?? {};
  if (data) describe();
  if (data) drawTiles();
});

async function trace() {
  const answer = await server.cause(asking({ y: pixel[0], x: pixel[1] }));
  if (answer.error) {
    [pixel, causes] = [null, null];
    return complain(answer.error);
  }
  causes = { ...answer, marks: answer.wall && floats(answer.wall).values };
}

function choose(key) {
  if (key.join('.') !== data.wall.key.join('.')) picked = null;
  Object.assign(state, { chosen: key, page: 0 });
  look({});
}

// ---- the list of modules ----
function drawList() {
  const most = Math.max(...data.modules.map((one) => one.bytes));
  const nodes = [];
  let [network, stage] = ['', ''];
  for (const one of data.modules) {
    if (one.key[0] !== network) nodes.push(make('h5', { class: one.key[0] }, words[one.key[0]]));
    if (one.key[0] !== network || one.key[1] !== stage) nodes.push(make('h6', {}, one.stage));
    [network, stage] = one.key;
    nodes.push(make('button', {
      type: 'button', role: 'option', 'data-key': keyOf(one), 'aria-selected': String(keyOf(one) === data.wall.key.join('.')),
      class: state.edits.some((spec) => spec.slice(0, 3).join('.') === keyOf(one)) ? 'edited' : '',
      title: fill(words.module_help, { type: one.type, memory: bytes(one.bytes) }), onclick: () => choose(one.key),
    }, make('span', {}, one.type), make('b', {}, by(one.shape)), make('i', { style: `--share:${one.bytes / most}` })));
  }
  const top = list.scrollTop;
  list.replaceChildren(...nodes);
  list.scrollTop = top;
  const own = list.querySelector('[aria-selected="true"]');
  if (list.dataset.form !== structure && own) list.scrollTop = own.offsetTop - list.offsetTop - list.clientHeight / 2; // for the first time
  list.dataset.form = structure;
}

// ---- the chosen module ----
function shapeWords(one) {
  const [shape, count] = [one.shape, one.channels.toLocaleString('en')];
  const gaps = { count, height: shape[1], width: shape[2], places: shape[0] };
  return fill({ maps: one.channels === 1 ? words.shape_map : words.shape_maps, tokens: words.shape_tokens, rows: words.shape_rows, units: words.shape_units, number: words.shape_number }[one.form], gaps);
}

function fieldWords(one) {
  const field = fields[keyOf(one)];
  if (!field) return '';
  const size = `${field[0]}×${field[1]}`;
  if (one.key[0] === 'generator') return field[2] ? words.projective_whole : fill(words.projective, { size });
  return field[2] ? words.receptive_whole : fill(words.receptive, { size });
}

function describe() {
  const one = module();
  find('h4').textContent = fill(words.title, { network: words[one.key[0]], stage: one.stage, type: one.type });
  const cost = [one.parameters && fill(words.weights, { count: one.parameters.toLocaleString('en') }), one.macs && fill(words.macs, { count: short(one.macs) }), bytes(one.bytes)];
  find('.facts').textContent = [shapeWords(one), fieldWords(one), ...cost].filter(Boolean).join(', ');
  find('.facts').title = words.facts_help;
  const dead = deadBy[keyOf(one)];
  const known = one.mean === undefined || one.mean === null ? [words.no_numbers] : [fill(words.statistics, { mean: exactly(one.mean, 4), std: exactly(one.std, 4), low: exactly(one.min, 4), high: exactly(one.max, 4), off: Math.round(100 * one.off) })];
  if (dead) known.push(fill(words.dead, { dead: dead.length, count: one.channels }));
  find('.statistics').textContent = known.join(' ');
  lessonText.fill({
    channels: one.channels.toLocaleString('en'), count: one.shape.reduce((all, size) => all * size, 1).toLocaleString('en'),
    field: fieldWords(one) || words.measuring, dead: dead ? dead.length : words.measuring,
  });
}

function peakOf(plane) {
  if (state.scale === 'channel') return largest(shownWall.values, plane * shownWall.height * shownWall.width, (plane + 1) * shownWall.height * shownWall.width);
  const [network, stage] = data.wall.key;
  const group = data.modules.filter(({ key }) => key[0] === network && (state.scale === 'network' || key[1] === stage));
  return Math.max(...group.map(({ peak }) => peak ?? 0));
}

const single = () => shownWall.count === 1 && module().form !== 'maps' && module().form !== 'tokens';
const factorOf = (channel) => state.edits.find((spec) => spec.slice(0, 3).join('.') === data.wall.key.join('.') && spec[3] === channel)?.[4];

function captions() {
  if (single()) return [fill(words.one_plane, { count: module().channels })];
  const dead = deadBy[keyOf(module())] ?? [];
  return data.wall.order.map((channel) => {
    const factor = factorOf(channel);
    return '#' + channel + (factor === undefined ? '' : ' ' + (FACTORS.find(([value]) => value === factor)?.[1] ?? '×' + factor)) + (dead.includes(channel) ? ' ' + words.dead_short : '');
  });
}

function drawTiles() {
  if (!wall.clientWidth) return;
  plan = arranged(shownWall, wall.clientWidth);
  const peaks = Array.from({ length: shownWall.count }, (_, plane) => peakOf(plane));
  const marks = causes?.marks;
  const sheet = painted(shownWall, peaks, marks, marks ? largest(marks) : 0);
  const place = single() ? -1 : data.wall.order.indexOf(picked);
  drawWall(wall, plan, sheet, shownWall, captions(), { picked: place, faded: (n) => !single() && factorOf(data.wall.order[n]) === 0 });
  wall.setAttribute('aria-label', find('h4').textContent + '. ' + find('.facts').textContent);
  wall.dataset.key = data.wall.key.join('.');
  wall.dataset.order = data.wall.order.join();
  wall.dataset.peaks = peaks.map((peak) => peak.toPrecision(6)).join();
  wall.dataset.marked = String(Boolean(marks));
  pages.hidden = data.wall.pages < 2;
  pages.replaceChildren(
    make('button', { type: 'button', title: words.page_help, disabled: data.wall.page === 0, onclick: () => turn(-1) }, '‹'),
    make('span', {}, fill(words.page, { page: data.wall.page + 1, pages: data.wall.pages })),
    make('button', { type: 'button', title: words.page_help, disabled: data.wall.page >= data.wall.pages - 1, onclick: () => turn(1) }, '›'));
}

function turn(by) {
  state.page = data.wall.page + by;
  look({});
}

// ---- changing channels ----
function drawEdit() {
  const buttons = FACTORS.map(([factor, name]) => make('button', {
    type: 'button', 'data-factor': factor, title: words.factor_help, disabled: picked === null,
    'aria-pressed': String(picked !== null && (factorOf(picked) ?? 1) === factor), onclick: () => change(factor),
  }, name));
  const undo = state.edits.length ? make('button', { type: 'button', class: 'undo', title: words.undo_help, onclick: () => { state.edits = []; look({}); } }, fill(words.undo, { count: state.edits.length })) : null;
  edit.replaceChildren(make('span', {}, picked === null ? words.pick : fill(words.picked, { channel: picked })), ...(picked === null ? [] : buttons), ...(undo ? [undo] : []));
}

function change(factor) {
  const place = [...data.wall.key, picked];
  state.edits = state.edits.filter((spec) => spec.slice(0, 4).join('.') !== place.join('.'));
  if (factor !== 1) state.edits = [...state.edits, [...place, factor]].slice(-32);
  look({});
}

function channelAt(hit) {
  if (!single()) return data.wall.order[hit.plane];
  const channel = module().form === 'rows' ? hit.column : module().form === 'number' ? 0 : hit.row * shownWall.width + hit.column;
  return channel < module().channels ? channel : null;
}

function pick(channel) {
  picked = channel;
  drawEdit();
  drawTiles();
}

const hitBy = (event) => {
  const box = wall.getBoundingClientRect();
  return plan && under(plan, shownWall, event.clientX - box.left, event.clientY - box.top);
};

function read(event) {
  const hit = data && hitBy(event);
  const channel = hit ? channelAt(hit) : null;
  const at = hit && (hit.plane * shownWall.height + hit.row) * shownWall.width + hit.column;
  const gaps = hit && { channel, row: hit.row, column: hit.column, value: exactly(shownWall.values[at]) };
  const caused = hit && causes?.marks ? ' · ' + fill(words.contributes, { value: exactly(causes.marks[at]) }) : '';
  find('.value').textContent = channel === null ? '' : fill(module().form === 'units' || module().form === 'number' ? words.value_unit : words.value, gaps) + caused;
}

wall.addEventListener('pointermove', read);
wall.addEventListener('pointerleave', () => (find('.value').textContent = ''));
wall.addEventListener('click', (event) => {
  const hit = data && hitBy(event);
  const channel = hit ? channelAt(hit) : null;
  read(event);
  if (channel !== null) pick(channel);
});
wall.addEventListener('keydown', (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -plan?.columns, ArrowDown: plan?.columns }[event.key];
  if (!step || !data) return;
  event.preventDefault();
  const order = single() ? Array.from({ length: module().channels }, (_, n) => n) : data.wall.order;
  const place = picked === null ? 0 : order.indexOf(picked) + step;
  if (order[place] !== undefined) pick(order[place]);
});

// ---- the picture ----
const figures = ['before', 'after', 'difference'].map((name) => {
  const canvas = make('canvas', { title: name === 'difference' ? words.difference_help : words.follow_help });
  if (name !== 'difference') canvas.addEventListener('click', (event) => {
    const box = canvas.getBoundingClientRect();
    follow_pixel([Math.floor(((event.clientY - box.top) / box.height) * canvas.height), Math.floor(((event.clientX - box.left) / box.width) * canvas.width)]);
  });
  return make('figure', { class: name }, canvas, make('figcaption', {}, { before: words.before, after: words.after, difference: words.difference }[name]));
});
find('.pictures').append(...figures);

function follow_pixel(place) {
  pixel = place && pixel && pixel.join() === place.join() ? null : place;
  look({});
}

function drawPictures(image) {
  figures.forEach((figure, n) => {
    const canvas = figure.querySelector('canvas');
    drawTile(canvas, image, data.sprite, n);
    if (!pixel || n > 1) return;
    const context = canvas.getContext('2d');
    context.fillStyle = colour('--pg-grad');
    context.fillRect(pixel[1], pixel[0], 1, 1);
  });
  const [before, after] = data.scores;
  find('.scores').replaceChildren(words.score + ' ', make('b', {}, signed(before)), ...(state.edits.length ? [' → ', make('b', {}, signed(after))] : []));
  find('.scores').title = words.score_help;
  element.dataset.scores = JSON.stringify(data.scores);
}

function drawCause() {
  find('.cause').hidden = find('.stages').hidden = !causes;
  if (!causes) return;
  const [, stage, name] = data.wall.key;
  const own = causes.explained.find((row) => row[0] === stage && row[1] === name && data.wall.key[0] === 'generator');
  const gaps = { y: pixel[0], x: pixel[1], pixel: exactly(causes.pixel) };
  const rest = own && { explained: exactly(own[2]), rest: exactly(causes.pixel - own[2]) };
  find('.cause').textContent = [fill(words.pixel_is, gaps), own ? fill(own[3] ? words.explains : words.explains_about, rest) : words.only_generator].join(' ');
  find('.stages').title = words.stages_help;
  find('.stages').replaceChildren(...causes.stages.map((found) => {
    const map = floats(found);
    const canvas = make('canvas', { width: map.width, height: map.height });
    canvas.getContext('2d').drawImage(painted(map, [largest(map.values)]), 0, 0);
    return make('figure', {}, canvas, make('figcaption', {}, found.stage));
  }));
}

function draw(image) {
  drawList();
  describe();
  drawEdit();
  drawPictures(image);
  drawCause();
  drawTiles();
  sortBox.hidden = single();
  reflectClasses();
}

// ---- the bar ----
const select = (name, help, choices, changed) => make('select', { title: help, 'aria-label': name, onchange: (event) => changed(event.target.value) }, ...Object.entries(choices).map(([value, text]) => make('option', { value }, text)));
const sorts = { activity: words.sort_activity, variance: words.sort_variance, similarity: words.sort_similarity, number: words.sort_number };
const scales = { channel: words.scale_channel, stage: words.scale_stage, network: words.scale_network };
const sortPicker = select(words.sort, words.sort_help, sorts, (value) => { Object.assign(state, { sort: value, page: 0 }); look({}); });
const sortBox = make('label', { class: 'sort' }, words.sort, sortPicker);
const scalePicker = select(words.scale, words.scale_help, scales, (value) => { state.scale = value; if (data) drawTiles(); });
scalePicker.classList.add('scale');
const seedField = make('input', { type: 'number', min: 0, step: 1, class: 'seed', placeholder: words.walk, title: words.seed_help, 'aria-label': words.seed, onchange: (event) => { state.seed = event.target.value === '' ? null : Number(event.target.value); look({}); } });
const classPicker = make('select', { class: 'class', hidden: true, title: words.class_help, 'aria-label': words.class_help, onchange: (event) => { state.label = Number(event.target.value); look({}); } });
const kindPicker = select(words.film, words.kind_help, { mp4: 'MP4', webp: 'WebP', gif: 'GIF', png: words.picture }, () => {});
const filmButton = make('button', { type: 'button', class: 'keep', title: words.film_help, onclick: () => { busy(true); trigger('go', { request: { kind: kindPicker.value, seed: state.seed, label: state.label } }); } }, words.film);
const stopButton = make('button', { type: 'button', title: words.stop_help, hidden: true, onclick: () => trigger('halt', {}) }, words.stop);
const progress = make('progress', { max: 1, hidden: true });
find('.bar').append(make('label', {}, words.seed, seedField), classPicker, sortBox, make('label', {}, words.scale, scalePicker), make('span', { class: 'film' }, kindPicker, filmButton, progress, stopButton));

function reflectClasses() {
  classPicker.hidden = !data.classes.length || state.seed === null;
  if (classPicker.dataset.names === data.classes.join('\n')) return;
  classPicker.dataset.names = data.classes.join('\n');
  classPicker.replaceChildren(...data.classes.map((name, n) => make('option', { value: n }, name)));
  state.label = null;
}

function busy(on, share = 0) {
  filming = on;
  filmButton.disabled = on;
  progress.hidden = stopButton.hidden = !on;
  progress.value = share;
}

watch('value', () => {
  const answer = props.value;
  if (!answer || !filming) return;
  if (answer.error) complain(answer.error);
  if (answer.file) save(answer.file);
  busy(!(answer.file || answer.error || answer.stopped), answer.share ?? 0);
});

// ---- the lesson ----
const mostBy = (measure, wanted = () => true) => data.modules.filter((one) => one.form === 'maps' && wanted(one)).reduce((best, one) => (best && measure(best) >= measure(one) ? best : one), null) ?? data.modules[0];
const sortBy = (value) => { state.sort = sortPicker.value = value; };
const lessonText = teach(find('.text'), {
  strongest: () => { sortBy('activity'); choose(data.wall.key); },
  shrink: () => choose(mostBy((one) => one.channels - one.shape[1] / 1000, ({ key }) => key[0] === 'discriminator').key),
  deep: () => choose(mostBy(({ key }) => { const field = fields[key.join('.')]; return field ? field[0] * field[1] : 0; }, ({ key }) => key[0] === 'discriminator').key),
  dead: () => { sortBy('activity'); choose(mostBy((one) => (deadBy[keyOf(one)] ?? []).length).key); },
  ablate: () => { pick(single() ? 0 : data.wall.order[0]); change(0); },
  pixel: () => { const [height, width] = [data.sprite.height, data.sprite.width]; pixel = null; follow_pixel([height >> 1, width >> 1]); if (data.wall.key[0] !== 'generator') choose(data.modules[0].key); },
});

// ---- keeping up ----
let stale = false; // the visitor moved on the walk while this was not on the screen
empty.textContent = words.untrained;
hear('place', () => {
  if (state.seed !== null || !bus.visitor?.model) return;
  stale = !shown();
  if (!stale) look({});
});
new ResizeObserver(() => {
  if (!data || !shown()) return;
  if (stale) look({});
  else drawTiles();
  stale = false;
}).observe(wall);
new MutationObserver(() => data && shown() && (drawTiles(), drawCause())).observe(document.body, { attributes: true, attributeFilter: ['class'] });

keepUp(async (visitor) => {
  body.hidden = find('.bar').hidden = !visitor.model;
  empty.hidden = visitor.model;
  if (!visitor.model) {
    data = null;
    state.edits = [];
    return;
  }
  await look({});
  await askDead({});
});
