const find = (selector) => element.querySelector(selector);
const [input, caption, sliders, outputs, telling, notice] = ['canvas.input', '.caption', '.sliders', '.outputs', '.telling', '.notice'].map(find);
const KINDS = ['max', 'average', 'blur', 'stride', 'global-average', 'global-max'];
const LOCAL = KINDS.slice(0, 4);
const HUES = { max: '--run-1', average: '--run-3', blur: '--run-4', stride: '--run-2' };
const VIEWS = ['one', 'moves', 'cost', 'train'];
const [SIDE, MOST] = [8, 16];
let session = null;
let view = 'one';
let source = 'drawn';
let seed = 0;
let size = 2;
let gradient = false;
let axis = 'across';
const place = { across: 0, down: 0 };
let drawn = example(SIDE);
let data = null; // the picture and what each kind makes of it
let curve = null; // what moves change
let pointed = null; // { kind, row, column }: the output pointed at
let lit = [];
let racing = false;
let painting = null;
let asked = 0;

const nameOf = (kind) => words['name_' + kind.replace('-', '_')];
const hueOf = (kind) => colour(HUES[kind]);
const request = () => ({ model: session, source, seed, size, ...(source === 'drawn' ? { drawn } : {}) });
const percent = (share) => (Number.isFinite(share) ? String(Math.round(100 * share)) : '–');
const decimals = (value) => (Number.isFinite(value) ? value.toFixed(2).replace('-', '−') : '–');

// Fine stripes, which are gone or all there after one pixel, and a blot, which hardly changes.
function example(side) {
  return Array.from({ length: side * side }, (_, n) => {
    const [row, column] = [Math.floor(n / side), n % side];
    if (row < side / 2 - 1) return column % 2 && row ? 1 : 0;
    return Math.hypot(row - 0.72 * side, column - side / 2 + 0.5) < side / 5 ? 1 : 0;
  });
}

function complain(sentence) {
  notice.hidden = !sentence;
  notice.textContent = sentence || '';
}

const button = (className, name, help, action, pressed) => make('button', { type: 'button', class: className, title: help, onclick: action, 'aria-pressed': pressed }, name);
const tabs = Object.fromEntries(VIEWS.map((name) => [name, button('view', words['view_' + name], words['view_help_' + name], () => { show(name); text.mark(name === 'one' ? 'none' : name); }, 'false')]));
find('.views').append(...Object.values(tabs));
const sources = Object.fromEntries(['real', 'fake', 'drawn'].map((name) => [name, button('source', words['source_' + name], words['source_help_' + name], () => choose(name), 'false')]));
const another = button('another', '', '', () => {
  if (source === 'drawn') drawn = drawn.some(Boolean) ? drawn.map(() => 0) : example(Math.sqrt(drawn.length));
  else seed += 1;
  renew();
});
const sides = make('select', { class: 'side', title: words.side_help, 'aria-label': words.side_help, onchange: () => { drawn = example(Number(sides.value)); renew(); } }, ...[SIDE, MOST].map((side) => make('option', { value: side }, `${side}×${side}`)));
const sizes = make('select', { class: 'size', title: words.size_help, onchange: () => { size = Number(sizes.value); renew(); } }, ...[2, 3, 4].map((number) => make('option', { value: number }, `${number}×${number}`)));
const gradients = button('gradient', words.gradient, words.gradient_help, () => { gradient = !gradient; gradients.setAttribute('aria-pressed', gradient); paint(); }, 'false');
find('.tools').append(...Object.values(sources), another, sides, make('label', { title: words.size_help }, words.size, sizes), gradients);

const tiles = Object.fromEntries(KINDS.map((kind) => {
  const canvas = make('canvas', { role: 'img', tabindex: 0, 'aria-label': nameOf(kind) });
  const told = make('small');
  const node = make('figure', { 'data-kind': kind, title: words['help_' + kind.replace('-', '_')] }, make('figcaption', {}, make('b', {}, nameOf(kind)), told), canvas);
  canvas.addEventListener('pointermove', (event) => point(kind, event));
  canvas.addEventListener('pointerdown', (event) => point(kind, event));
  canvas.addEventListener('pointerleave', (event) => event.pointerType === 'mouse' && at(null));
  canvas.addEventListener('keydown', (event) => walk(kind, event));
  outputs.append(node);
  return [kind, { node, canvas, told }];
}));

const sliderOf = Object.fromEntries(['across', 'down'].map((name) => {
  const told = make('output', {}, '0');
  const slider = make('input', { type: 'range', min: -4, max: 4, step: 1, value: 0, title: words[name + '_help'], 'aria-label': words[name], class: name, oninput: () => move(name, Number(slider.value)) });
  sliders.append(make('span', {}, words[name]), slider, told);
  return [name, { slider, told }];
}));

const key = () => make('div', { class: 'key' }, ...LOCAL.map((kind) => make('span', { 'data-kind': kind }, make('i'), nameOf(kind))));
const [changesChart, scoresChart] = [figure(words.changes, words.changes_help), figure(words.scores, words.scores_help)];
const untold = make('p', { class: 'note' });
find('.moves').append(key(), changesChart.node, scoresChart.node, untold);

function point(kind, event) {
  if (!data) return;
  const box = event.currentTarget.getBoundingClientRect();
  const { height, width } = data.kinds[kind];
  const [row, column] = [Math.floor(((event.clientY - box.top) / box.height) * height), Math.floor(((event.clientX - box.left) / box.width) * width)];
  if (row >= 0 && row < height && column >= 0 && column < width) at({ kind, row, column });
}

function walk(kind, event) {
  const step = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[event.key];
  if (!step || !data) return;
  event.preventDefault();
  const { height, width } = data.kinds[kind];
  const from = pointed?.kind === kind ? pointed : { row: 0, column: 0 };
  at({ kind, row: Math.min(height - 1, Math.max(0, from.row + step[0])), column: Math.min(width - 1, Math.max(0, from.column + step[1])) });
}

function at(output) {
  const same = output && pointed && output.kind === pointed.kind && output.row === pointed.row && output.column === pointed.column;
  if (same) return;
  const before = pointed?.kind;
  pointed = output;
  paintInput();
  for (const kind of new Set([before, output?.kind])) if (kind) paintTile(kind);
  tell();
}

function paintInput() {
  const painted = paintCells(input, data.picture, null, !pointed);
  if (!painted) return;
  input.dataset.seen = '';
  if (!pointed) return;
  const seen = sight(data.kinds[pointed.kind], pointed.row, pointed.column, data.picture);
  paintSight(painted, seen, gradient ? PINK : BLUE);
  input.dataset.seen = `${seen.top},${seen.left},${seen.bottom},${seen.right}`;
}

function paintTile(kind) {
  const { canvas, node, told } = tiles[kind];
  const found = data.kinds[kind];
  const single = found.height * found.width === 1;
  node.classList.toggle('one', single && !gradient);
  node.classList.toggle('lit', lit.includes(kind));
  told.textContent = gradient ? words.back : fill(words.made, { from: `${data.picture.height}×${data.picture.width}`, to: `${found.height}×${found.width}` });
  const cells = gradient ? { ...data.picture, values: found.gradient } : found;
  const painted = paintCells(canvas, cells, gradient ? PINK : null);
  canvas.dataset.mode = gradient ? 'gradient' : 'output';
  if (!painted || pointed?.kind !== kind) return;
  const [down, across] = [cells.height / found.height, cells.width / found.width];
  frame(painted.context, pointed.column * across * painted.cell, pointed.row * down * painted.cell, across * painted.cell, down * painted.cell, colour('--pg-accent'));
}

function tell() {
  if (!pointed || !data) {
    telling.textContent = gradient ? words.pointing_gradient : words.pointing;
    return;
  }
  const found = data.kinds[pointed.kind];
  const seen = sight(found, pointed.row, pointed.column, data.picture);
  const count = (seen.bottom - seen.top) * (seen.right - seen.left);
  const value = decimals(found.values[pointed.row * found.width + pointed.column]);
  const weight = count > 64 ? `1/${count}` : brief(1 / count);
  telling.textContent = fill(words['told_' + pointed.kind.replace('-', '_')], { name: nameOf(pointed.kind), row: pointed.row + 1, column: pointed.column + 1, value, count, weight });
}

function paint() {
  if (!data) return;
  if (pointed) {
    const { height, width } = data.kinds[pointed.kind];
    if (pointed.row >= height || pointed.column >= width) pointed = null;
  }
  paintInput();
  KINDS.forEach(paintTile);
  tell();
  caption.textContent = words['caption_' + source];
  input.classList.toggle('drawing', source === 'drawn');
  another.textContent = source !== 'drawn' ? words.another : drawn.some(Boolean) ? words.clear : words.example;
  another.title = source !== 'drawn' ? words.another_help : drawn.some(Boolean) ? words.clear_help : words.example_help;
  sides.hidden = source !== 'drawn';
  for (const [name, node] of Object.entries(sources)) node.setAttribute('aria-pressed', String(name === source));
  element.dataset.painted = String(Number(element.dataset.painted || 0) + 1);
  if (asked) element.dataset.latency = (performance.now() - asked).toFixed(1);
  asked = 0;
  text.fill({ n: size * size, s: size, unseen: data.unseen });
}

function paintMoves() {
  if (!curve) return;
  const n = curve.offsets.indexOf(1);
  if (curve.axis === 'across') text.fill({ blur: percent(curve.changes.blur[n]), skip: percent(curve.changes.stride[n]) });
  const rest = curve.scores?.[n - 1];
  const moved = curve.scores?.[n];
  if (curve.axis === 'across') text.fill({ score: Number.isFinite(moved - rest) && curve.scores ? decimals(Math.abs(moved - rest)) : '–' });
  const label = words['offset_' + curve.axis];
  const mark = place[curve.axis];
  drawCurves(changesChart.canvas, { x: curve.offsets, series: LOCAL.map((kind) => ({ name: kind, values: curve.changes[kind].map((share) => 100 * share), hue: hueOf(kind) })), mark, floor: 0, label });
  scoresChart.node.hidden = !curve.scores;
  untold.textContent = curve.scores && curve.stage ? fill(words.features, { stage: curve.stage.replace(/(\d+)$/, ' $1'), change: percent(curve.features?.[n]) }) : curve.scores ? '' : words.no_model;
  if (curve.scores) drawCurves(scoresChart.canvas, { x: curve.offsets, series: [{ name: 'score', values: curve.scores, hue: colour('--pg-disc') }], mark, label });
}

const look = latest(async () => {
  const found = await server.look({ ...request(), ...(view === 'moves' ? place : {}) });
  if (found.error) return complain(found.error);
  complain('');
  for (const part of [found.picture, ...Object.values(found.kinds)]) part.values = floats(part.values);
  for (const kind of Object.values(found.kinds)) kind.gradient = floats(kind.gradient);
  data = found;
  paint();
});

const follow_moves = latest(async () => {
  const found = await server.moves({ ...request(), axis });
  if (found.error) return complain(found.error);
  curve = found;
  paintMoves();
});

function renew() {
  asked = performance.now();
  return Promise.all([look({}), follow_moves({})]);
}

function choose(name) {
  [source, seed] = [name, 0];
  for (const [other, node] of Object.entries(sources)) node.setAttribute('aria-pressed', String(other === name));
  renew();
}

function move(name, offset) {
  place[name] = offset;
  sliderOf[name].told.textContent = String(offset).replace('-', '−');
  asked = performance.now();
  look({});
  if (axis !== name) {
    axis = name;
    follow_moves({});
  } else paintMoves();
}

// Drawing: a cell turns, and those that the pointer is drawn over become like it.
function draw(event, start) {
  if (source !== 'drawn' || !data || (!start && painting === null)) return;
  const side = Math.sqrt(drawn.length);
  const box = input.getBoundingClientRect();
  const moved = view === 'moves' ? place : { across: 0, down: 0 };
  const [row, column] = [Math.floor(((event.clientY - box.top) / box.height) * side) - moved.down, Math.floor(((event.clientX - box.left) / box.width) * side) - moved.across];
  if (row < 0 || column < 0 || row >= side || column >= side) return;
  if (start) painting = drawn[row * side + column] > 0.5 ? 0 : 1;
  if (drawn[row * side + column] === painting) return;
  drawn[row * side + column] = painting;
  renew();
}

input.addEventListener('pointerdown', (event) => draw(event, true));
input.addEventListener('pointermove', (event) => draw(event, false));
window.addEventListener('pointerup', () => (painting = null));

const { showCosts, showRace } = panels();

function show(name, kinds = []) {
  const moved = name === 'moves' || view === 'moves';
  view = name;
  lit = kinds;
  for (const [other, node] of Object.entries(tabs)) node.setAttribute('aria-pressed', String(other === name));
  const bench = name === 'one' || name === 'moves';
  for (const selector of ['.bench', '.tools', '.telling']) find(selector).hidden = !bench;
  sliders.hidden = find('.moves').hidden = name !== 'moves';
  find('.costs').hidden = name !== 'cost';
  find('.race').hidden = name !== 'train';
  element.dataset.view = name;
  if (bench && moved) look({});
  else paint();
  if (name === 'moves') paintMoves();
  if (name === 'cost') showCosts();
  if (name === 'train') showRace();
}

const text = teach(find('aside'), {
  max: () => show('one', ['max']),
  average: () => show('one', ['average']),
  stride: () => show('one', ['stride']),
  blur: () => show('moves', ['blur', 'stride']),
  global: () => show('one', ['global-average', 'global-max']),
  moves: () => show('moves'),
  cost: () => show('cost'),
  train: () => show('train'),
});
show('one');
new ResizeObserver(() => { paint(); paintMoves(); }).observe(find('.work'));
keepUp(async (visitor) => {
  const first = session !== visitor.session;
  session = visitor.session;
  if (first && source === 'drawn') showCosts(true);
  await renew();
});
