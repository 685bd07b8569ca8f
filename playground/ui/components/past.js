// A run's past in one picture: training time down, a walk from A to B across. A click takes the first tab there.
const canvas = element.querySelector('canvas');
const note = element.querySelector('.note');
const controls = element.querySelector('.controls');
const LEFT = 78; // room for the steps, in CSS pixels
const TOP = 18;
const GAP = 2;
const MAX_CELL = 52;
const wanted = { seeds: [1, 2], rows: 8, columns: 8, method: 'slerp' };
let answer = null;
let image = null;
let asked = '';
let cell = null; // [row, column] that the first tab stands at

const known = () => (bus.runs?.runs ?? []).filter((run) => run.steps.length);
const picker = make('select', { id: 'past-run', 'aria-label': words.run, onchange: () => draw() });
const chosen = () => known().find((run) => run.id === picker.value);
const request = () => ({ model: bus.runs.model, run: picker.value, ...wanted });
element.querySelector('.title').textContent = words.title;
element.querySelector('.title').title = words.help;
element.querySelector('.empty').textContent = words.empty;

function tell(sentence, link = false) {
  const there = make('button', { type: 'button', class: 'there', onclick: () => document.querySelector('#tab-playground-button')?.click() }, words.look);
  note.replaceChildren(sentence, ...(link ? [there] : []));
}

const ask = latest(async () => {
  const mine = request();
  const found = await server.history(mine);
  if (found.error) return tell(found.error);
  answer = { ...found, run: mine.run, seeds: mine.seeds, method: mine.method };
  image = await decode(found.sprite);
  cell = null;
  paint();
  tell(words.hint);
  element.dataset.painted = Number(element.dataset.painted || 0) + 1;
});

function size() {
  const columns = answer.sprite.columns;
  const room = element.querySelector('.holder').clientWidth - LEFT;
  return Math.max(14, Math.min(MAX_CELL, Math.floor(room / columns) - GAP));
}

function paint() {
  if (!answer || !canvas.parentElement.clientWidth) return;
  const { sprite, steps } = answer;
  const side = size();
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [LEFT + sprite.columns * (side + GAP), TOP + steps.length * (side + GAP)];
  [canvas.width, canvas.height] = [width * ratio, height * ratio];
  [canvas.style.width, canvas.style.height] = [width + 'px', height + 'px'];
  const context = canvas.getContext('2d');
  context.scale(ratio, ratio);
  context.imageSmoothingEnabled = false;
  context.font = '11px system-ui, sans-serif';
  context.fillStyle = colour('--pg-soft');
  context.textBaseline = 'middle';
  context.textAlign = 'center';
  context.fillText('A', LEFT + side / 2, TOP / 2);
  context.fillText('B', width - GAP - side / 2, TOP / 2);
  context.textAlign = 'right';
  steps.forEach((step, row) => context.fillText(fill(words.step, { step: step.toLocaleString('en') }), LEFT - 8, TOP + row * (side + GAP) + side / 2));
  for (let n = 0; n < sprite.count; n++) {
    const [column, row] = [n % sprite.columns, Math.floor(n / sprite.columns)];
    context.drawImage(image, column * sprite.width, row * sprite.height, sprite.width, sprite.height, LEFT + column * (side + GAP), TOP + row * (side + GAP), side, side);
  }
  if (!cell) return;
  context.strokeStyle = colour('--pg-fake');
  context.lineWidth = 2;
  context.strokeRect(LEFT + cell[1] * (side + GAP) - 1, TOP + cell[0] * (side + GAP) - 1, side + 2, side + 2);
}

async function visit(row, column) {
  const { sprite, steps, run, seeds, method } = answer;
  if (run !== 'now') return tell(words.other);
  const t = column / (sprite.columns - 1);
  const found = await server.cell({ model: bus.runs.model, step: steps[row], seeds, method, t });
  if (found.error) return tell(found.error);
  say('moment', found);
  say('go', { step: found.timeline.at ?? found.timeline.steps.at(-1), t });
  cell = [row, column];
  paint();
  tell(fill(words.went, { step: steps[row].toLocaleString('en'), percent: Math.round(100 * t) }), true);
  element.dataset.cell = row + ',' + column;
}

canvas.addEventListener('click', (event) => {
  if (!answer) return;
  const side = size() + GAP;
  const [row, column] = [Math.floor((event.offsetY - TOP) / side), Math.floor((event.offsetX - LEFT) / side)];
  if (row >= 0 && column >= 0 && row < answer.steps.length && column < answer.sprite.columns) visit(row, column);
});

function draw() {
  const runs = known();
  element.querySelector('.empty').hidden = runs.length > 0;
  element.querySelector('.body').hidden = !runs.length;
  element.querySelectorAll('.tools button').forEach((button) => (button.disabled = !runs.length));
  const kept = picker.value;
  picker.replaceChildren(...runs.map((run) => make('option', { value: run.id }, run.title)));
  if (!runs.length) return;
  picker.value = runs.some((run) => run.id === kept) ? kept : runs[0].id;
  const run = chosen();
  const key = JSON.stringify([bus.runs.model, run.id, run.steps, run.seconds, wanted]);
  const training = bus.visitor?.training && asked; // while a run goes on the grid waits for its end
  if (key === asked || training || !shown()) return;
  asked = key;
  ask({});
}

function whole(name, low, high, get, set, kind = '') {
  const read = (event) => {
    const text = event.target.value;
    const value = /^\s*\d+\s*$/.test(text) ? Number(text) : NaN;
    if (value >= low && value <= high) set(value);
    else tell(fill(words.bad, { name: words[name], low, high }));
    event.target.value = get();
    draw();
  };
  return make('label', {}, words[name], make('input', { type: 'number', id: 'past-' + name, class: kind, min: low, max: high, step: 1, value: get(), onchange: read }));
}

const seed = (name, n) => whole(name, 0, 2147483647, () => wanted.seeds[n], (value) => (wanted.seeds = wanted.seeds.map((old, end) => (end === n ? value : old))));
const method = make('select', { id: 'past-method', onchange: (event) => { wanted.method = event.target.value; draw(); } }, ...['slerp', 'lerp'].map((name) => make('option', { value: name }, words[name])));
controls.append(
  make('label', {}, words.run, picker),
  seed('seed_a', 0),
  seed('seed_b', 1),
  whole('rows', 4, 16, () => wanted.rows, (value) => (wanted.rows = value), 'small'),
  whole('columns', 4, 16, () => wanted.columns, (value) => (wanted.columns = value), 'small'),
  make('label', {}, words.method, method),
);
element.querySelector('.tools').append(...['png', 'gif', 'webp', 'mp4'].map((kind) =>
  make('button', { type: 'button', id: 'past-' + kind, title: words['help_' + kind], onclick: async () => {
    const file = await server.keepsake({ ...request(), kind });
    if (file.error) tell(file.error);
    else save(file);
  } }, words[kind])));
canvas.setAttribute('aria-label', words.help);
hear('runs', draw);
hear('training', () => draw());
new ResizeObserver(paint).observe(element);
new ResizeObserver(draw).observe(element);
new MutationObserver(paint).observe(document.body, { attributes: true, attributeFilter: ['class'] });
draw();
