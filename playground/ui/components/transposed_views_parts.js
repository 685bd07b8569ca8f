// The boards of the lab: which maps stand together, and how each view draws them. What they show is in `transposed.js`.
const read = (grid, { y, x, value }) => { readout.textContent = fill(words.read, { name: grid.label.textContent, y: y + 1, x: x + 1, value: digits(value, 6) }); };
const picked = () => pixel;
const pickUp = (place) => choose('up', place);
const pickDown = (place) => choose('down', place);
const grid = (name, caption, options = {}) => makeGrid(name, caption, { onRead: read, ...options });
const grids = {
  input: grid('input', words.input, { onPick: (place, from) => edit('input', place, from) }),
  kernel: grid('kernel', words.kernel, { onPick: (place, from) => edit('weight', place, from) }),
  up: grid('up', words.output, { onPick: pickUp, roam: picked, title: words.pick }),
  padded: grid('padded', words.padded),
  flipped: grid('flipped', words.flipped),
  zerosUp: grid('zeros-up', words.output, { onPick: pickUp, roam: picked, title: words.pick }),
  overlap: grid('overlap', words.overlap_map, { onPick: pickUp, roam: picked, title: words.pick }),
  ct: grid('transpose', words.transpose), x: grid('column-x', 'x'), y: grid('column-y', 'Cᵀx', { onPick: ({ y }) => pickRow(y), title: words.pick }), c: grid('matrix', words.matrix_c),
  big: grid('big', words.big), plain: grid('plain', words.kernel), down: grid('down', words.down, { onPick: pickDown, roam: picked, title: words.pick }),
  adjointX: grid('adjoint-x', words.small), adjointUp: grid('adjoint-up', words.up_again),
};
const line = (...nodes) => make('div', { class: 'line' }, ...nodes);
const sign = (text) => make('span', { class: 'sign', 'aria-hidden': 'true' }, text);
const panel = (name, title, help, ...lines) => make('section', { class: 'panel', 'data-panel': name }, make('h4', {}, title, make('small', {}, help)), ...lines);
const top = (...nodes) => make('div', { class: 'line top' }, ...nodes);
const boards = {
  scatter: panel('scatter', words.scatter, words.scatter_help, top(grids.input.figure, sign('×'), grids.kernel.figure), line(grids.up.figure)),
  zeros: panel('zeros', words.zeros, words.zeros_help, top(grids.padded.figure, sign('∗'), grids.flipped.figure), line(grids.zerosUp.figure)),
  overlap: panel('overlap', words.overlap, words.overlap_help, line(grids.overlap.figure)),
  matrix: panel('matrix', words.matrix, words.matrix_help, make('div', { class: 'line matrices' }, grids.ct.figure, sign('·'), grids.x.figure, sign('='), grids.y.figure, grids.c.figure)),
  conv: panel('conv', words.conv, words.conv_help, top(grids.big.figure, sign('∗'), grids.plain.figure), line(grids.down.figure)),
  back: panel('back', words.back, words.back_help, top(grids.adjointX.figure), line(grids.adjointUp.figure)),
};
const SHOWN = { scatter: ['scatter', 'zeros'], zeros: ['scatter', 'zeros'], overlap: ['overlap'], matrix: ['matrix'], conv: ['conv', 'back'], spectra: [] };

function room() {
  const narrow = window.innerWidth <= 700;
  const width = Math.max(120, panels.clientWidth || 600);
  return { width: narrow ? width - 24 : width / 2 - 32, whole: width - 24, above: narrow ? 170 : 178, below: narrow ? 300 : 236, narrow };
}

function redraw() {
  if (!data || !shown() || view === 'spectra') return;
  const space = room();
  panels.style.setProperty('--top', (space.narrow ? 0 : space.above + 20) + 'px');
  ({ scatter: drawBoth, zeros: drawBoth, overlap: drawOverlap, matrix: drawMatrix, conv: drawConv })[view](space);
  const step = stepOf(moving());
  find('.play .count').textContent = view in at ? fill(words.count, { step, all: walkLength(view) }) : '';
  Object.assign(element.dataset, { view, step, steps: walkLength(moving()), painted: Number(element.dataset.painted || 0) + 1 });
}

function drawBoth(space) {
  drawStamps(space);
  drawWindows(space, 'zeros', [grids.padded, grids.flipped, grids.zerosUp], data.zeros, data.up);
}

// the part of the picture's width that a map of `columns` beside one of `others` may take
const portion = (width, columns, others) => Math.max(60, ((width - 46) * columns) / (columns + others));

function drawStamps({ width, above, below }) {
  const step = stepOf('scatter');
  const terms = pixel?.view === 'up' ? pixel.pair.terms : null;
  const index = step - 1;
  const place = index >= 0 && step < walkLength('scatter') + (view === 'scatter' && timer ? 1 : 0) ? split(index, data.small.shape[1]) : null;
  const [a, b] = [data.small.shape[1], data.kernel.shape[1]];
  const marks = place ? [{ y: place[0], x: place[1] }] : (terms ?? []).map(([, y, x]) => ({ y, x }));
  const taps = place ? [] : (terms ?? []).map((term) => ({ y: term[4], x: term[5], tone: 'in' }));
  grids.input.draw({ map: data.small, hue: 'in', width: portion(width, a, b), height: above, marked: marks });
  grids.kernel.draw({ map: data.kernel, hue: 'k', width: portion(width, b, a), height: above, marked: taps });
  const frameNow = place && frameAt(index);
  const under = frameNow && glide < 1 ? totalAt(step - 1) : totalAt(step);
  const over = frameNow && { corner: between(index, frameNow.corner), dilation: data.geometry.dilation, map: frameNow.stamp, numbers: glide < 1, alpha: glide < 1 ? 0.92 : 1 };
  const mark = !place && pixel?.view === 'up' ? [pixel] : [];
  grids.up.draw({ map: under ?? data.up, hue: 'in', width, height: below, top: data.most, marked: mark, over });
}

function between(index, corner) {
  const before = glide < 1 && index > 0 ? frameAt(index - 1)?.corner : null;
  if (!before) return corner;
  const soft = 1 - (1 - glide) ** 3;
  return corner.map((value, n) => before[n] + (value - before[n]) * soft);
}

function frameAt(index) {
  const n = block ? index - block.first : -1;
  return n >= 0 && n < block.corners.length ? { corner: block.corners[n], stamp: layerOf(block.stamps, n), total: layerOf(block.totals, n) } : null;
}

function totalAt(step) {
  if (step >= walkLength('scatter')) return data.up;
  if (!step) return { shape: data.up.shape, values: new Float32Array(cells(data.up)) };
  return frameAt(step - 1)?.total ?? null;
}

// a kernel that slides over a padded map: the zero-insertion view, and the convolution
function drawWindows({ width, above, below }, name, [from, kernel, to], { padded, rows, columns, kernel: weight, stride, dilation }, output) {
  const step = stepOf(name);
  const mine = pixel?.view === (name === 'conv' ? 'down' : 'up') ? pixel : null;
  const walking = step > 0 && step < walkLength(name);
  const here = walking || (timer && view === name && step) ? split(step - 1, output.shape[1]) : mine && [mine.y, mine.x];
  const before = walking && glide < 1 && step > 1 ? split(step - 2, output.shape[1]) : here;
  const corner = here?.map((value, n) => (before[n] + (value - before[n]) * (1 - (1 - glide) ** 3)) * stride[n]);
  const [a, b] = [padded.shape[1], weight.shape[1]];
  const unread = (y, x) => rows[y] < 0 || columns[x] < 0;
  const stamped = name === 'zeros' && view === 'scatter' && stepOf('scatter') < walkLength('scatter') && stepOf('scatter') > 0 ? split(stepOf('scatter') - 1, data.small.shape[1]) : null;
  const marked = stamped ? [{ y: rows.indexOf(stamped[0]), x: columns.indexOf(stamped[1]) }] : [];
  from.draw({ map: padded, hue: 'in', width: portion(width, a, b * 1.4), height: above, zero: unread, marked, over: corner && !stamped && { corner, dilation, map: weight, numbers: false } });
  kernel.draw({ map: weight, hue: 'k', width: portion(width, b * 1.4, a), height: above * 0.8 });
  to.draw({ map: output, hue: 'in', width, height: below, top: name === 'zeros' ? data.most : null, unknown: (y, x) => y * output.shape[1] + x >= step, marked: here && !stamped ? [{ y: here[0], x: here[1] }] : [] });
}

function drawOverlap({ whole, above, below }) {
  grids.overlap.draw({ map: data.overlap, hue: 'in', width: whole, height: above + below + 20, largest: 54, marked: pixel?.view === 'up' ? [pixel] : [] });
}

function drawMatrix({ whole, above, below, narrow }) {
  const [small, made] = [cells(data.small), cells(data.up)];
  for (const one of [grids.ct, grids.x, grids.y, grids.c]) one.figure.hidden = !data.matrix;
  boards.matrix.querySelectorAll('.sign').forEach((node) => { node.hidden = !data.matrix; });
  if (!data.matrix) return;
  const height = above + below + 30;
  const cell = Math.max(1, Math.min(24, height / made, (narrow ? whole - 90 : whole * 0.42 - 70) / (small + 2)));
  const marked = pixel?.view === 'up' ? pixel.y * data.up.shape[1] + pixel.x : -1;
  const row = (width) => (marked < 0 ? null : { y: marked, x: 0, width, height: 1 });
  const options = { width: Infinity, height, largest: cell };
  grids.ct.draw({ ...options, map: data.transpose, hue: 'k', band: row(small), zero: (y, x) => !data.transpose.values[y * small + x] });
  grids.x.draw({ ...options, map: { shape: [small, 1], values: data.small.values }, hue: 'in' });
  grids.y.draw({ ...options, map: { shape: [made, 1], values: data.up.values }, hue: 'in', band: row(1) });
  const column = marked < 0 ? null : { y: 0, x: marked, width: 1, height: small };
  grids.c.draw({ map: data.matrix, band: column, hue: 'k', width: narrow ? whole : whole * 0.5, height: height * 0.6, largest: 24, zero: (y, x) => !data.matrix.values[y * made + x] });
}

function drawConv(space) {
  drawWindows(space, 'conv', [grids.big, grids.plain, grids.down], data.conv, data.down);
  grids.adjointX.draw({ map: data.small, hue: 'in', width: space.width, height: space.above });
  grids.adjointUp.draw({ map: data.up, hue: 'in', width: space.width, height: space.below });
}
