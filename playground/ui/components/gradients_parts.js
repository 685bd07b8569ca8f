// What the lab of gradients draws with: lines on a log axis, cells as bright as a norm is long, heat maps.
const find = (selector) => element.querySelector(selector);
const HUES = { rnn: '--run-2', gru: '--run-4', lstm: '--run-1', transformer: '--run-3' };
const DASHES = { rnn: [], gru: [7, 3], lstm: [], transformer: [2, 3] };
const LEFT = 78; // pixels before the first step, in the plot and in the cells below it
const RIGHT = 12;

const raised = (whole) => [...String(whole)].map((d) => (d === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[d])).join('');

// a number by its decimal logarithm: 0.012, 340, 4·10⁻²⁰
function tenTo(log) {
  if (log === null || log === undefined) return '0';
  if (log > -2.5 && log < 4) return String(Number((10 ** log).toPrecision(2)));
  let whole = Math.floor(log);
  let first = Math.round(10 ** (log - whole));
  if (first === 10) [first, whole] = [1, whole + 1];
  return `${first}·10${raised(whole)}`;
}

// A canvas of as many pixels as the screen has there, with coordinates in CSS pixels.
function fit(canvas, height) {
  const width = canvas.clientWidth || 300;
  const density = window.devicePixelRatio || 1;
  canvas.style.height = height + 'px';
  canvas.width = Math.round(width * density);
  canvas.height = Math.round(height * density);
  const context = canvas.getContext('2d');
  context.setTransform(density, 0, 0, density, 0, 0);
  context.clearRect(0, 0, width, height);
  context.font = '11px system-ui, sans-serif';
  return { context, width, height };
}

function extent(lists) {
  const known = lists.flat().filter((log) => log !== null && log !== undefined);
  if (!known.length) return [-1, 1];
  const low = Math.min(...known);
  const high = Math.max(...known);
  const margin = Math.max(0.15, (high - low) * 0.05);
  return [low - margin, high + margin];
}

function axis({ context, width, height }, [low, high], top, bottom, right) {
  const y = (log) => top + ((high - log) / (high - low)) * (height - top - bottom);
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  const marks = high - low >= 2 ? powers(low, high) : ticks(low, high, 4);
  for (const log of marks) {
    context.strokeStyle = colour('--pg-line');
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(LEFT, y(log));
    context.lineTo(width - right, y(log));
    context.stroke();
    context.fillStyle = colour('--pg-soft');
    context.fillText(Number.isInteger(log) && Math.abs(log) >= 3 ? '10' + raised(log) : tenTo(log), LEFT - 6, y(log));
  }
  return y;
}

// lines: [{ name, hue, dash, values: logs or null }]; what lies left of `from` has not been reached yet
function drawLines(canvas, lines, { x, label, from = 0, at = null, height = 260, names = false }) {
  const sheet = fit(canvas, height);
  const { context, width } = sheet;
  const scale = extent(lines.map(({ values }) => values));
  const right = names ? 72 : RIGHT; // names stand beside the ends of the lines
  const y = axis(sheet, scale, 10, 30, right);
  const place = (step) => LEFT + ((step - x[0]) / Math.max(1e-9, x[x.length - 1] - x[0])) * (width - LEFT - right);
  context.fillStyle = colour('--pg-soft');
  context.textBaseline = 'alphabetic';
  context.textAlign = 'left';
  context.fillText(label[0], LEFT, height - 8);
  context.textAlign = 'right';
  context.fillText(label[1], width - right, height - 8);
  for (const { hue, dash, values, fade = 1 } of lines) {
    context.strokeStyle = hue;
    context.globalAlpha = fade;
    context.lineWidth = 2.2;
    context.setLineDash(dash ?? []);
    context.beginPath();
    let pen = false;
    values.forEach((log, n) => {
      if (log === null || n < from) return (pen = false);
      if (pen) context.lineTo(place(x[n]), y(log));
      else context.moveTo(place(x[n]), y(log));
      pen = true;
    });
    context.stroke();
    if (values.length === 1 && values[0] !== null) context.fillRect(place(x[0]) - 2, y(values[0]) - 2, 4, 4);
  }
  context.setLineDash([]);
  context.globalAlpha = 1;
  if (names) nameLines(context, lines, y, width - right + 6);
  if (at !== null) {
    context.strokeStyle = colour('--pg-soft');
    context.lineWidth = 1;
    context.strokeRect(place(x[at]), 8, 0.5, height - 38);
  }
  canvas.dataset.lines = lines.map(({ name }) => name).join(' ');
  canvas.dataset.range = scale.map((log) => log.toFixed(2)).join(' ');
  return scale;
}

// each line's name at its end, moved apart where they would lie on one another
function nameLines(context, lines, y, left) {
  const ends = lines.map(({ name, values }) => ({ name, log: values[values.length - 1] })).filter(({ log }) => log !== null && log !== undefined);
  ends.sort((a, b) => y(a.log) - y(b.log));
  let last = -20;
  context.textAlign = 'left';
  for (const { name, log } of ends) {
    last = Math.max(y(log) + 4, last + 12);
    context.fillStyle = colour('--body-text-color');
    context.fillText(name, left, last);
  }
}

// A row of cells for each network, time to the right: as bright as the logarithm of its gradient.
function drawCells(canvas, lines, [low, high], { from = 0, at = null } = {}) {
  const height = 20 * lines.length + 2;
  const { context, width } = fit(canvas, height);
  const ground = colour('--pg-sheet');
  lines.forEach(({ label, hue, values }, row) => {
    const wide = (width - LEFT - RIGHT) / values.length;
    const gap = wide > 6 ? 1.5 : wide > 3 ? 0.5 : 0;
    context.globalAlpha = 1;
    context.fillStyle = colour('--body-text-color');
    context.textAlign = 'right';
    context.textBaseline = 'middle';
    context.fillText(label, LEFT - 6, row * 20 + 9, LEFT - 6);
    values.forEach((log, n) => {
      context.globalAlpha = 1;
      context.fillStyle = ground;
      context.fillRect(LEFT + n * wide, row * 20 + 1, wide - gap, 16);
      if (log === null || n < from) return;
      context.globalAlpha = Math.max(0, Math.min(1, (log - low) / (high - low)));
      context.fillStyle = hue;
      context.fillRect(LEFT + n * wide, row * 20 + 1, wide - gap, 16);
    });
    if (at !== null) {
      context.globalAlpha = 1;
      context.strokeStyle = colour('--body-text-color');
      context.lineWidth = 1;
      context.strokeRect(LEFT + at * wide, row * 20 + 0.5, Math.max(1, wide - gap), 17);
    }
  });
  canvas.dataset.rows = lines.map(({ name }) => name).join(' ');
  canvas.dataset.from = from;
}

const bytes = (data) => Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));

function rgb(name) {
  const probe = (rgb.canvas ??= make('canvas', { width: 1, height: 1 })).getContext('2d', { willReadFrequently: true });
  probe.fillStyle = colour(name) || '#888888';
  probe.fillRect(0, 0, 1, 1);
  return [...probe.getImageData(0, 0, 1, 1).data.slice(0, 3)];
}

// Fill a canvas of width × height pixels: `value(x, y)` from −1 to 1, 0 is the ground, null is left empty.
function paintMap(canvas, width, height, value) {
  canvas.width = width;
  canvas.height = height;
  const [ground, above, below] = [rgb('--pg-panel'), rgb('--run-2'), rgb('--run-4')];
  const context = canvas.getContext('2d');
  const image = context.createImageData(width, height);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) {
    const part = value(x, y);
    if (part === null) continue;
    const hue = part < 0 ? below : above;
    const share = Math.min(1, Math.abs(part));
    for (let c = 0; c < 3; c++) image.data[4 * (y * width + x) + c] = ground[c] + share * (hue[c] - ground[c]);
    image.data[4 * (y * width + x) + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

// One heat map of a cell, units down and time to the right.
function heatFigure({ steps, units }, map, title) {
  const values = new Int8Array(bytes(map.data).buffer);
  const canvas = make('canvas', { class: 'heat', role: 'img', 'aria-label': title });
  paintMap(canvas, steps, units, (t, unit) => values[t * units + unit] / 127);
  Object.assign(canvas.dataset, { map: map.name, steps, units, mean: map.mean });
  return make('figure', {}, make('figcaption', {}, make('b', {}, title), fill(map.gate ? words.gate_of : words.scale_of, { scale: map.scale, mean: map.mean })), canvas);
}
