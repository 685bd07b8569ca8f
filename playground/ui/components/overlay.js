// One figure of all runs on shared axes, a line a run. A click moves the common place of the runs there.
const canvas = element.querySelector('canvas');
const readout = element.querySelector('.readout');
const FIGURES = ['quality', 'loss_generator', 'loss_discriminator', 'separation', 'gradient_generator', 'gradient_discriminator'];
const LOGARITHMIC = ['quality', 'gradient_generator', 'gradient_discriminator'];
const PAD = { left: 44, right: 20, top: 10, bottom: 22 };
let figure = 'loss_generator';
let hover = null;

const axis = () => bus.runsAt?.axis ?? 'step';
const beside = () => (bus.runs?.runs ?? []).filter((run) => run.shown);
const ink = (run) => colour('--run-' + run.mark);

// the points of a run where the figure is known: [[x, y], …]
function points(run) {
  const values = run.curves[figure] ?? [];
  const known = run.curves[axis()].map((x, n) => [x, values[n]]).filter(([x, y]) => x !== null && y !== null && y !== undefined);
  return LOGARITHMIC.includes(figure) ? known.map(([x, y]) => [x, Math.log10(Math.max(y, 1e-12))]) : known;
}

const shownValue = (y) => plain(LOGARITHMIC.includes(figure) ? 10 ** y : y);

function scales(lines, box) {
  const [low, high] = range(lines.map((line) => line.map(([, y]) => y)));
  const last = Math.max(0, ...lines.flat().map(([x]) => x)) || 1;
  const wide = box.width - PAD.left - PAD.right;
  const tall = box.height - PAD.top - PAD.bottom;
  return {
    low, high, last,
    x: (value) => PAD.left + (value / last) * wide,
    y: (value) => Math.max(PAD.top - 4, Math.min(box.height - PAD.bottom + 4, box.height - PAD.bottom - ((value - low) / (high - low)) * tall)),
    value: (x) => Math.max(0, Math.min(last, ((x - PAD.left) / wide) * last)),
  };
}

// powers of ten, or where there are hardly any 1, 2 and 5 times them
function logarithms(low, high) {
  const tens = powers(low, high);
  if (tens.length > 1) return tens;
  const decades = Array.from({ length: Math.ceil(high) - Math.floor(low) + 1 }, (_, n) => Math.floor(low) + n);
  return decades.flatMap((ten) => [1, 2, 5].map((m) => ten + Math.log10(m))).filter((t) => t >= low && t <= high);
}

function frame(context, box, { low, high, last, x, y }) {
  context.strokeStyle = colour('--pg-line');
  context.fillStyle = colour('--pg-soft');
  context.lineWidth = 1;
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  const logarithmic = LOGARITHMIC.includes(figure);
  for (const t of logarithmic ? logarithms(low, high) : ticks(low, high, 4)) {
    context.beginPath();
    context.moveTo(PAD.left, y(t));
    context.lineTo(box.width - PAD.right, y(t));
    context.stroke();
    context.fillText(logarithmic ? plain(10 ** t) : t, PAD.left - 6, y(t));
  }
  context.textAlign = 'center';
  context.textBaseline = 'alphabetic';
  for (const t of ticks(0, last, 5)) context.fillText(axis() === 'step' ? short(t) : t + ' s', x(t), box.height - 7);
}

function line(context, run, known, { x, y }) {
  context.strokeStyle = context.fillStyle = ink(run);
  context.lineWidth = run.mark ? 2 : 2.5;
  context.lineJoin = 'round';
  context.setLineDash(RUN_DASHES[run.mark]);
  context.beginPath();
  for (const [px, py] of known) context.lineTo(x(px), y(py));
  context.stroke();
  context.setLineDash([]);
  const dots = figure === 'quality' || known.length === 1 ? known : [];
  for (const [px, py] of dots) context.fillRect(x(px) - 2, y(py) - 2, 4, 4);
}

function upright(context, box, px, hue) {
  context.strokeStyle = hue;
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(px, PAD.top);
  context.lineTo(px, box.height - PAD.bottom);
  context.stroke();
}

function sayNothing(context, box, sentence) {
  context.fillStyle = colour('--pg-soft');
  context.textAlign = 'center';
  context.fillText(sentence, box.width / 2, box.height / 2);
  readout.replaceChildren();
  element.dataset.lines = 0;
}

let scale = null;
function draw() {
  const box = canvas.getBoundingClientRect();
  if (!box.width) return;
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(box.width * ratio);
  canvas.height = Math.round(box.height * ratio);
  const context = canvas.getContext('2d');
  context.scale(ratio, ratio);
  context.font = '11px system-ui, sans-serif';
  const runs = beside();
  const lines = runs.map(points);
  scale = null;
  if (!lines.some((known) => known.length)) return sayNothing(context, box, figure === 'quality' && runs.some((run) => run.steps.length) ? words.unmeasured : words.empty);
  scale = scales(lines, box);
  frame(context, box, scale);
  runs.toReversed().forEach((run) => line(context, run, points(run), scale)); // the first tab's run on top
  const place = bus.runsAt?.place ?? null;
  if (place !== null) upright(context, box, scale.x(Math.min(place, scale.last)), colour('--pg-fake'));
  if (hover !== null) upright(context, box, hover, colour('--pg-faint'));
  read(runs, lines, hover !== null ? scale.value(hover) : (place ?? scale.last));
  element.dataset.lines = lines.filter((known) => known.length).length;
}

function read(runs, lines, value) {
  readout.replaceChildren(
    make('span', {}, fill(axis() === 'step' ? words.at_step : words.at_seconds, { step: Math.round(value).toLocaleString('en'), seconds: value.toFixed(1) })),
    ...runs.map((run, n) => {
      const known = lines[n].findLast(([x]) => x <= value + 1e-9);
      return make('span', { title: run.title }, markOf(run), known ? shownValue(known[1]) : '–');
    }),
  );
}

function choose(name) {
  figure = name;
  for (const button of element.querySelectorAll('.choice button')) button.setAttribute('aria-selected', button.dataset.figure === figure);
  canvas.setAttribute('aria-label', words['name_' + figure]);
  draw();
}

element.querySelector('.choice').append(...FIGURES.map((name) => make('button', { type: 'button', role: 'tab', 'data-figure': name, title: words['help_' + name], onclick: () => choose(name) }, words['name_' + name])));
canvas.addEventListener('pointermove', (event) => { hover = event.offsetX; draw(); });
canvas.addEventListener('pointerleave', () => { hover = null; draw(); });
canvas.addEventListener('click', (event) => scale && say('runs-go', scale.value(event.offsetX)));
hear('runs', draw);
hear('runs-at', draw);
new ResizeObserver(draw).observe(canvas);
new MutationObserver(draw).observe(document.body, { attributes: true, attributeFilter: ['class'] });
choose(figure);
