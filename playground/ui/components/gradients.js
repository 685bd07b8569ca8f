const NETS = ['rnn', 'gru', 'lstm', 'transformer'];
const SLIDERS = { // low, high, step, what is written beside it
  length: [8, 256, 8, (v) => v],
  bias: [-2, 6, 0.25, (v) => (v > 0 ? '+' : '') + v],
  radius: [0.1, 2, 0.01, (v) => v.toFixed(2)],
  scale: [0, 3, 0.05, (v) => v.toFixed(2)],
};
const FIRST = { length: 64, bias: 0, radius: 0.58, scale: 1, start: 'uniform', seed: 0 }; // 0.58 ≈ 1/√3, where PyTorch starts
const PACE = 1400; // milliseconds of the way back
const setting = { ...FIRST };
const on = new Set(NETS);
let session = null;
let view = 'memory';
let cell = 'lstm';
let answer = null; // of the memory view
let from = 0; // the step that the animation has reached
let at = null; // the step under the pointer
let changed = 0; // when, for `data-latency`
let playing = 0;

const asked = (more = {}) => ({ model: session, ...setting, ...more });
const tell = (sentence) => { find('.said').hidden = !sentence; find('.said').textContent = sentence ?? ''; };
const button = (name, help, action, attributes = {}) => make('button', { type: 'button', title: help, onclick: action, ...attributes }, name);

// ---- the sliders of the sandbox
const boxes = {};
function slider(name) {
  const [min, max, step, written] = SLIDERS[name];
  const shownValue = make('output', {}, written(setting[name]));
  const input = make('input', { type: 'range', min, max, step, value: setting[name], 'aria-label': words['slide_' + name], oninput: () => change({ [name]: Number(input.value) }) });
  boxes[name] = () => { input.value = setting[name]; shownValue.textContent = written(setting[name]); };
  return make('label', { title: words['help_' + name], 'data-slider': name }, make('span', {}, words['slide_' + name], shownValue), input);
}
const start = make('select', { 'aria-label': words.start, onchange: () => change({ start: start.value }) }, ...['uniform', 'orthogonal'].map((value) => make('option', { value }, words['start_' + value])));
boxes.start = () => (start.value = setting.start);
find('.sliders').append(...Object.keys(SLIDERS).map(slider), make('div', { class: 'draws' },
  make('label', { title: words.start_help, 'data-slider': 'start' }, make('span', {}, words.start), start),
  button(words.again, words.again_help, () => change({ seed: setting.seed + 1 }), { class: 'again' })));

function change(news) {
  Object.assign(setting, news);
  Object.values(boxes).forEach((write) => write());
  changed ||= performance.now();
  ask({});
}

// ---- the four views
const viewButtons = Object.fromEntries(['memory', 'state', 'attention', 'model'].map((name) => [name, button(words['view_' + name], words['viewing_' + name], () => go(name), { 'data-view': name })]));
find('.views').append(...Object.values(viewButtons));

function go(name) {
  view = name;
  for (const [key, node] of Object.entries(viewButtons)) node.setAttribute('aria-pressed', String(key === name));
  element.querySelectorAll('section').forEach((section) => (section.hidden = section.dataset.view !== name));
  find('.sliders').hidden = name === 'model';
  light(null);
  if (session) ask({});
}

const ask = latest(async () => {
  const wanted = { memory: askMemory, state: askStates, attention: askAttention, model: askModel }[view];
  await wanted(JSON.stringify(setting) + view);
});
const stale = (key) => key !== JSON.stringify(setting) + view; // moved on meanwhile: the next answer is on its way

function done(found) {
  tell(found.error);
  if (changed) element.dataset.latency = (performance.now() - changed).toFixed(1);
  changed = 0;
  element.dataset.painted = String(Number(element.dataset.painted || 0) + 1);
}

// ---- memory
const toggles = Object.fromEntries(NETS.map((name) => {
  const small = make('small');
  const node = button('', words['about_' + name], () => { on.has(name) ? on.delete(name) : on.add(name); node.setAttribute('aria-pressed', String(on.has(name))); drawMemory(); }, { 'data-line': name, 'aria-pressed': 'true' });
  node.style.setProperty('--hue', `var(${HUES[name]})`);
  node.append(make('i'), words['name_' + name], small);
  return [name, { node, small }];
}));
const play = button(words.play, words.play_help, () => unrollBack(), { class: 'play' });
find('.legend').append(...NETS.map((name) => toggles[name].node), play);
find('.compared').textContent = words.compared;

async function askMemory(key) {
  const found = await server.memory(asked());
  if (stale(key)) return;
  if (!found.error) {
    answer = found;
    from = 0;
    at = null;
    drawMemory();
    teachNumbers();
  }
  done(found);
}

const shareOf = (values) => (values[0] === null || values[values.length - 1] === null ? null : values[0] - values[values.length - 1]);

function drawMemory() {
  if (!answer || view !== 'memory') return;
  const lines = NETS.filter((name) => on.has(name)).map((name) => ({ name, label: words['name_' + name], hue: colour(HUES[name]), dash: DASHES[name], values: answer.lines[name] }));
  const x = Array.from({ length: answer.length }, (_, n) => n + 1);
  const scale = drawLines(find('.plot'), lines, { x, label: [words.oldest, fill(words.newest, { length: answer.length })], from, at });
  drawCells(find('.cells'), lines, scale, { from, at });
  for (const name of NETS) {
    const values = answer.lines[name];
    toggles[name].small.textContent = tenTo(values[at ?? 0]);
    Object.assign(toggles[name].node.dataset, { first: values[0], last: values[values.length - 1] });
  }
  find('.plot').setAttribute('aria-label', words.plot);
  const first = on.has('rnn') ? 'rnn' : [...on][0];
  const reading = find('section[data-view="memory"] .reading');
  if (!first) reading.textContent = words.nothing_on;
  else if (at !== null) reading.textContent = fill(words.at_step, { t: at + 1, norms: lines.map(({ label, values }) => `${label} ${tenTo(values[at])}`).join(', ') });
  else readAll(reading, first, lines);
  element.dataset.reading = reading.textContent;
}

function readAll(reading, first, lines) {
  const share = shareOf(answer.lines[first]);
  const sentence = share === null ? words.gone : share < -0.05 ? words.shrunk : share > 0.05 ? words.grown : words.same;
  const others = lines.filter(({ name }) => name !== first).map(({ label, values }) => `${label} ${shareOf(values) === null ? '0' : tenTo(shareOf(values))}`);
  reading.textContent = fill(sentence, { length: answer.length, name: words['name_' + first], share: tenTo(share) }) + (others.length ? ' ' + fill(words.others, { others: others.join(', ') }) : '');
}

// The gradient goes back from the newest step to the oldest, a frame at a time.
function unrollBack() {
  if (!answer) return;
  const begun = performance.now();
  cancelAnimationFrame(playing);
  const frame = (now) => {
    const share = Math.min(1, (now - begun) / PACE);
    from = Math.round((1 - share) * (answer.length - 1));
    drawMemory();
    if (share < 1 && element.isConnected) playing = requestAnimationFrame(frame);
  };
  playing = requestAnimationFrame(frame);
}

function point(event) {
  const box = find('.plot').getBoundingClientRect();
  const share = (event.clientX - box.left - LEFT) / (box.width - LEFT - RIGHT);
  at = answer && share >= -0.02 && share <= 1.02 ? Math.max(0, Math.min(answer.length - 1, Math.round(share * (answer.length - 1)))) : null;
  drawMemory();
}
find('.plot').addEventListener('pointermove', point);
find('.plot').addEventListener('pointerdown', point);
find('.plot').addEventListener('pointerleave', () => { at = null; drawMemory(); });
find('.plot').addEventListener('keydown', (event) => {
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!by || !answer) return;
  at = Math.max(0, Math.min(answer.length - 1, (at ?? answer.length) + by));
  drawMemory();
  event.preventDefault();
});

// ---- hidden states and gates
const cellButtons = Object.fromEntries(['rnn', 'gru', 'lstm'].map((name) => [name, button(words['name_' + name], words['about_' + name], () => choose(name), { 'data-cell': name })]));
find('.cell').append(...Object.values(cellButtons));
find('section[data-view="state"] .note').textContent = words.state_note;
function choose(name) {
  cell = name;
  for (const [key, node] of Object.entries(cellButtons)) node.setAttribute('aria-pressed', String(key === name));
  if (session) ask({});
}

async function askStates(key) {
  const found = await server.states(asked({ cell }));
  if (stale(key) || (found.cell && found.cell !== cell)) return;
  if (!found.error) find('.maps').replaceChildren(...found.maps.map((map) => heatFigure(found, map, words['map_' + map.name])));
  done(found);
}

// ---- attention of the sandbox
async function askAttention(key) {
  const found = await server.attention(asked());
  if (stale(key)) return;
  if (!found.error) find('.heads').replaceChildren(...found.heads.map((data, n) => headFigure(found, bytes(data), n)));
  if (!found.error) readHead(found, null);
  find('section[data-view="attention"] .note').textContent = fill(words.attention_note, { pairs: (setting.length ** 2).toLocaleString('en') });
  done(found);
}

function headFigure(found, values, n) {
  const canvas = make('canvas', { role: 'img', 'aria-label': fill(words.head, { n: n + 1 }) });
  const draw = (row) => paintMap(canvas, found.steps, found.steps, (x, y) => (x > y ? null : (row === null || row === y ? 1 : 0.35) * values[y * found.steps + x] / 255));
  draw(null);
  const look = (event) => {
    const y = Math.max(0, Math.min(found.steps - 1, Math.floor((event.offsetY / canvas.clientHeight) * found.steps)));
    draw(y);
    const row = values.subarray(y * found.steps, y * found.steps + y + 1);
    readHead(found, { head: n + 1, t: y + 1, best: row.indexOf(255) + 1 });
  };
  canvas.addEventListener('pointermove', look);
  canvas.addEventListener('pointerdown', look);
  canvas.addEventListener('pointerleave', () => { draw(null); readHead(found, null); });
  Object.assign(canvas.dataset, { head: n, steps: found.steps });
  return make('figure', {}, make('figcaption', {}, make('b', {}, fill(words.head, { n: n + 1 }))), canvas);
}

function readHead(found, row) {
  find('section[data-view="attention"] .reading').textContent = row ? fill(words.head_at, row) : fill(words.head_last, { length: found.steps, most: Math.max(...found.strongest), even: (1 / found.steps).toFixed(3) });
}

// ---- the lesson
function light(selector) {
  element.querySelectorAll('.lit').forEach((node) => node.classList.remove('lit'));
  if (selector) element.querySelectorAll(selector).forEach((node) => node.classList.add('lit'));
}
function show(name, news, selector) {
  if (view !== name) go(name);
  if (news) change(news);
  light(selector);
}
const text = teach(find('aside'), {
  unroll: () => { show('memory', null, '.cells'); unrollBack(); },
  vanish: () => show('memory', { radius: 0.8, start: 'orthogonal', scale: 0 }, '[data-slider="radius"]'),
  explode: () => show('memory', { radius: 1.2, start: 'orthogonal', scale: 0 }, '[data-slider="radius"]'),
  squash: () => show('memory', { radius: 1, start: 'orthogonal', scale: 1 }, '[data-slider="scale"]'),
  gates: () => show('memory', { bias: 3 }, '[data-slider="bias"]'),
  state: () => { choose('lstm'); show('state', { bias: 3 }, '.maps'); },
  attention: () => show('attention', null, '.heads'),
  model: () => show('model', null, '.stages'),
});
const teachNumbers = () => text.fill({ length: answer.length, radius: answer.radius, product: `${answer.radius}${raised(answer.length)}`, power: tenTo(answer.power), bias: SLIDERS.bias[3](setting.bias), gate: answer.gate, pairs: answer.pairs.toLocaleString('en') });

new ResizeObserver(() => { drawMemory(); drawCourse(); }).observe(find('.work'));
const inside = modelView({ server, tell, askedOf: () => ({ model: session }), done });
const drawCourse = () => inside.draw();
const askModel = () => inside.ask();
choose('lstm');
go('memory');
keepUp(async (visitor) => {
  const first = session !== visitor.session;
  session = visitor.session;
  if (first || view === 'model') await ask({});
});
watch('value', () => inside.take(props.value));
