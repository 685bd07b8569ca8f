// Numbers as cells of a canvas, the cells that an output saw, and curves.
const floats = (text) => new Float32Array(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);

const PINK = '204 121 167'; // as --pg-grad
const BLUE = '0 114 178'; // as --pg-disc: what an output saw
const READABLE = 18; // pixels: from there on a number fits into a cell
const brief = (value) => (Math.abs(value - Math.round(value)) < 5e-4 ? String(Math.round(value)) : value.toFixed(2).replace(/^0/, '').replace(/^-0/, '−')).replace('-', '−');

// Size a canvas's pixels to its place on the screen; the height follows from the cells.
function sized(canvas, high, wide) {
  const width = canvas.clientWidth;
  if (!width) return null;
  const ratio = window.devicePixelRatio || 1;
  canvas.style.height = `${(width * high) / wide}px`;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round((width * high * ratio) / wide);
  const context = canvas.getContext('2d');
  context.scale(ratio, ratio);
  return { context, cell: width / wide };
}

// Grey from black, 0, to white, 1, or with `hue` the strength of a gradient, the largest being opaque.
function paintCells(canvas, { height, width, values }, hue = null, written = true) {
  const place = sized(canvas, height, width);
  if (!place) return null;
  const { context, cell } = place;
  const largest = hue ? Math.max(1e-12, ...values) : 1;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const value = values[row * width + column] / largest;
      const grey = Math.round(255 * Math.min(1, Math.max(0, value)));
      context.fillStyle = hue ? `rgb(${hue} / ${Math.max(0, value)})` : `rgb(${grey} ${grey} ${grey})`;
      context.fillRect(column * cell, row * cell, cell + 0.6, cell + 0.6);
    }
  }
  if (cell >= 7) lines(context, height, width, cell);
  if (written && cell >= READABLE) {
    for (let n = 0; n < values.length; n++) {
      context.fillStyle = hue ? colour('--body-text-color') : values[n] > 0.55 ? '#000' : '#fff';
      writeIn(context, brief(values[n]), n % width, Math.floor(n / width), cell);
    }
  }
  canvas.dataset.cells = `${height}×${width}`;
  return place;
}

function lines(context, height, width, cell) {
  context.strokeStyle = 'rgb(128 128 128 / .35)';
  context.lineWidth = 1;
  context.beginPath();
  for (let n = 1; n < width; n++) { context.moveTo(n * cell, 0); context.lineTo(n * cell, height * cell); }
  for (let n = 1; n < height; n++) { context.moveTo(0, n * cell); context.lineTo(width * cell, n * cell); }
  context.stroke();
}

function writeIn(context, text, column, row, cell, edged = false) {
  context.font = `${Math.min(13, Math.max(8, cell / 2.7))}px system-ui, sans-serif`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  const [x, y] = [(column + 0.5) * cell, (row + 0.5) * cell + 0.5];
  if (edged) { // to be read on any grey
    context.strokeStyle = 'rgb(0 0 0 / .65)';
    context.lineWidth = 2.5;
    context.strokeText(text, x, y);
  }
  context.fillText(text, x, y);
}

// The inputs that one output saw: { top, left, bottom, right, at(row, column) → weight }.
function sight(kind, row, column, picture) {
  const [[high, wide], [down, across]] = [kind.window, kind.stride];
  const [top, left] = [row * down - kind.padding, column * across - kind.padding];
  const chosen = kind.chosen?.[row * kind.width + column];
  const at = (y, x) => {
    if (kind.chosen) return Number(y * picture.width + x === chosen);
    return kind.weights.length === 1 ? kind.weights[0][0] : kind.weights[y - top][x - left];
  };
  return { top: Math.max(0, top), left: Math.max(0, left), bottom: Math.min(picture.height, top + high), right: Math.min(picture.width, left + wide), at };
}

function paintSight({ context, cell }, seen, hue) {
  const { top, left, bottom, right, at } = seen;
  let largest = 0;
  for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) largest = Math.max(largest, at(y, x));
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const weight = at(y, x);
      context.fillStyle = weight ? `rgb(${hue} / ${0.35 + (0.5 * weight) / largest})` : 'rgb(128 128 128 / .5)';
      context.fillRect(x * cell, y * cell, cell, cell);
      if (cell < READABLE) continue;
      context.fillStyle = '#fff';
      writeIn(context, brief(weight), x, y, cell, true);
    }
  }
  frame(context, left * cell, top * cell, (right - left) * cell, (bottom - top) * cell, `rgb(${hue})`);
}

function frame(context, x, y, width, height, hue) {
  for (const [thick, stroke] of [[5, '#fff'], [2.5, hue]]) {
    context.lineWidth = thick;
    context.strokeStyle = stroke;
    context.strokeRect(x + 1, y + 1, width - 2, height - 2);
  }
}

// Curves of { values, hue, dash } over `x`, with a mark at one x.
function drawCurves(canvas, { x, series, mark = null, floor = null, ceiling = null, label = '' }) {
  const [width, height, ratio] = [canvas.clientWidth, canvas.clientHeight, window.devicePixelRatio || 1];
  const points = series.flatMap(({ values }) => values).filter(Number.isFinite);
  canvas.dataset.given = JSON.stringify(series.map(({ name, values }) => ({ name, values })));
  if (!width) return;
  [canvas.width, canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
  const context = canvas.getContext('2d');
  context.scale(ratio, ratio);
  if (!points.length) return;
  let [low, high] = [floor ?? Math.min(...points), ceiling ?? Math.max(...points)];
  if (high - low < 1e-9) [low, high] = [low - (floor === null ? 0.5 : 0), high + 0.5];
  const [left, right, top, bottom] = [44, 10, 8, height - 30];
  const far = [Math.min(...x.flat()), Math.max(...x.flat())];
  const toX = (value) => left + ((value - far[0]) / (far[1] - far[0] || 1)) * (width - left - right);
  const toY = (value) => bottom - ((value - low) / (high - low)) * (bottom - top);
  context.font = '11px system-ui, sans-serif';
  context.lineWidth = 1;
  for (const tick of ticks(low, high, 4)) {
    context.strokeStyle = colour('--pg-line');
    context.fillStyle = colour('--pg-soft');
    context.beginPath(); context.moveTo(left, toY(tick)); context.lineTo(width - right, toY(tick)); context.stroke();
    context.textAlign = 'right'; context.textBaseline = 'middle';
    context.fillText(String(tick).replace('-', '−'), left - 5, toY(tick));
  }
  context.textAlign = 'center'; context.textBaseline = 'alphabetic';
  for (const tick of ticks(far[0], far[1], 8)) context.fillText(String(tick).replace('-', '−'), toX(tick), bottom + 13);
  context.fillText(label, (left + width - right) / 2, height - 3);
  if (mark !== null) {
    context.strokeStyle = colour('--pg-faint');
    context.beginPath(); context.moveTo(toX(mark), top); context.lineTo(toX(mark), bottom); context.stroke();
  }
  series.forEach(({ values, hue, dash = [] }, n) => oneCurve(context, Array.isArray(x[0]) ? x[n] : x, values, hue, dash, toX, toY, mark));
}

function oneCurve(context, x, values, hue, dash, toX, toY, mark) {
  context.strokeStyle = context.fillStyle = hue;
  context.lineWidth = 2;
  context.setLineDash(dash);
  context.beginPath();
  values.forEach((value, n) => Number.isFinite(value) && context.lineTo(toX(x[n]), toY(value)));
  context.stroke();
  context.setLineDash([]);
  const n = x.indexOf(mark);
  if (n < 0 || !Number.isFinite(values[n])) return;
  context.beginPath();
  context.arc(toX(mark), toY(values[n]), 4, 0, 7);
  context.fill();
}

const figure = (name, help) => {
  const canvas = make('canvas', { role: 'img', 'aria-label': name });
  const node = make('figure', { class: 'chart', title: help }, make('figcaption', {}, name), canvas);
  return { node, canvas, caption: node.firstElementChild };
};

// The views "Cost" and "Train each". What they need of the lab is there when they are called.
function panels() {
  const [costs, raceBox] = ['.costs', '.race'].map((selector) => element.querySelector(selector));
  let measured = null;

  const table = (title, names, rows) => make('table', {}, make('caption', {}, title),
    make('thead', {}, make('tr', {}, ...names.map((name) => make('th', {}, name)))),
    make('tbody', {}, ...rows.map(({ kind, cells, best }) => make('tr', { 'data-kind': kind, class: best ? 'best' : null }, ...cells.map((cell, n) => make('td', {}, n ? cell : make('b', {}, cell)))))));

  const whole = (number) => number.toLocaleString('en');
  const costRow = (row) => ({ kind: row.kind, cells: [words['cost_' + row.kind.replace('-', '_')], whole(row.parameters), whole(row.macs), '×' + row.ratio.toFixed(2)] });

  async function showCosts(quiet = false) {
    if (quiet && measured) return;
    const found = await server.costs({ model: session }).catch(() => null);
    if (!found || found.error) return complain(found?.error);
    measured = found;
    const [stride, max] = found.stage;
    text.fill({ macs: Math.round((10 * max.macs) / stride.macs) / 10 });
    const names = [words.column_way, words.column_weights, words.column_macs, words.column_time];
    const { channels, side, deep } = found;
    costs.replaceChildren(
      make('div', { class: 'scroll' }, table(fill(words.cost_stage, { channels, twice: 2 * channels, side, half: side / 2 }), names, found.stage.map(costRow))),
      make('div', { class: 'scroll' }, table(fill(words.cost_head, { deep }), names, found.head.map(costRow))),
      make('p', { class: 'note' }, fill(words.cost_note, { ms: stride.milliseconds.toFixed(2) })),
      make('button', { type: 'button', class: 'measure', title: words.measure_help, onclick: () => showCosts() }, words.measure));
    costs.dataset.measured = String(Number(costs.dataset.measured || 0) + 1);
  }

  const seconds = make('select', { class: 'seconds', title: words.seconds_help }, ...[10, 20, 60].map((number) => make('option', { value: number, selected: number === 20 }, fill(words.seconds, { number }))));
  const begin = make('button', { type: 'button', class: 'begin', title: words.begin_help, onclick: () => { busy(true); complain(''); trigger('go', { request: { seconds: Number(seconds.value) } }); } }, words.begin);
  const halt = make('button', { type: 'button', class: 'halt', title: words.halt_help, disabled: true, onclick: () => trigger('halt', {}) }, words.halt);
  const progress = make('progress', { max: 1, value: 0, hidden: true });
  const verdict = make('p', { class: 'said', 'aria-live': 'polite', hidden: true });
  const note = make('p', { class: 'note' }, words.race_note);
  const charts = [[words.separation, words.separation_help], [words.loss_d, words.loss_d_help], [words.loss_g, words.loss_g_help], [words.steady, words.steady_help]].map(([name, help]) => figure(name, help));
  const results = make('div', { class: 'scroll' });
  raceBox.append(note, make('div', { class: 'bar' }, seconds, begin, halt, progress), verdict, make('div', { class: 'charts' }, key(), ...charts.map(({ node }) => node)), results);

  function busy(on) {
    racing = on;
    begin.disabled = on;
    halt.disabled = !on;
    progress.hidden = !on;
  }

  function showRace() {
    const value = props.value;
    if (!value?.runners) return;
    const runners = Object.entries(value.runners);
    const lines = (name) => ({ x: runners.map(([, runner]) => runner.step), series: runners.map(([kind, runner]) => ({ name: kind, values: runner[name], hue: hueOf(kind) })), label: words.steps });
    const [separation, loss, lossOfG, steady] = charts.map(({ canvas }) => canvas);
    if (runners.length) {
      drawCurves(separation, { ...lines('separation'), floor: 0, ceiling: 1 });
      drawCurves(loss, lines('loss_discriminator'));
      drawCurves(lossOfG, lines('loss_generator'));
    }
    const judged = runners.filter(([, runner]) => runner.relative);
    if (judged.length) drawCurves(steady, { x: [-4, -3, -2, -1, 0, 1, 2, 3, 4], series: judged.map(([kind, runner]) => ({ name: kind, values: runner.relative, hue: hueOf(kind) })), floor: 0, label: words.offset_across });
    charts[3].node.hidden = !judged.length;
    const last = (values) => decimals(values[values.length - 1]);
    results.replaceChildren(table('', [words.column_way, words.steps, words.column_rate, words.column_separation, words.column_wobble, words.column_features], runners.map(([kind, runner]) => ({
      kind, best: kind === value.best,
      cells: [nameOf(kind), whole(runner.step[runner.step.length - 1]), decimals(runner.rate), last(runner.separation), runner.wobble === undefined ? '' : decimals(runner.wobble), runner.features ? decimals(runner.features[5]) : ''],
    }))));
    verdict.hidden = !value.best;
    if (value.best) verdict.textContent = fill(words.winner, { name: nameOf(value.best), steps: whole(value.runners[value.best].step.at(-1)), wobble: decimals(value.runners[value.best].wobble) });
    progress.value = value.fraction;
    note.textContent = `${words.race_note} ${value.kept ? words.kept : words.family}`;
    raceBox.dataset.state = value.state;
  }

  watch('value', () => {
    if (props.value?.error) {
      busy(false);
      return complain(props.value.error);
    }
    if (!props.value?.runners) return;
    busy(props.value.state !== 'over');
    showRace();
  });
  return { showCosts, showRace };
}
