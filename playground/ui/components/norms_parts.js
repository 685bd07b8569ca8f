// What the batch-norm lab draws: charts of one layer, lines along a run, heat maps of stages by steps.

const HEAT = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];

// A canvas's context in CSS pixels, cleared, and its size.
function surface(canvas) {
  const { width, height } = canvas.getBoundingClientRect();
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.max(1, Math.round(width * ratio));
  canvas.height = Math.max(1, Math.round(height * ratio));
  const context = canvas.getContext('2d');
  context.scale(ratio, ratio);
  context.font = '11px system-ui, sans-serif';
  context.lineWidth = 1;
  return { context, width, height };
}

const spanOf = (values) => {
  const known = values.filter((value) => value !== null && Number.isFinite(value));
  if (!known.length) return [0, 1];
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const margin = (high - low) * 0.06 || Math.abs(high) * 0.1 || 0.5;
  return [low - margin, high + margin];
};

const tickText = (value) => String(Number(value.toPrecision(4))).replace('-', '−');

// round numbers along a logarithmic axis: powers of ten, or where there are hardly any plain ones
function roundLogarithms(low, high) {
  const tens = powers(low, high);
  return tens.length > 1 ? tens : ticks(10 ** low, 10 ** high, 4).filter((value) => value > 0).map(Math.log10);
}

function axisLines(context, { left, right, top, bottom }, [x0, x1], [y0, y1], x, y, labels = {}) {
  context.strokeStyle = colour('--pg-line');
  context.fillStyle = colour('--pg-soft');
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  for (const tick of labels.logarithmic ? roundLogarithms(y0, y1) : ticks(y0, y1, 4)) {
    context.beginPath();
    context.moveTo(left, y(tick));
    context.lineTo(right, y(tick));
    context.stroke();
    context.fillText(labels.logarithmic ? plain(10 ** tick) : tickText(tick), left - 5, y(tick));
  }
  context.textAlign = 'center';
  context.textBaseline = 'alphabetic';
  for (const tick of ticks(x0, x1, 4)) context.fillText(labels.steps ? short(tick) : tickText(tick), x(tick), bottom + 14);
  context.textAlign = 'right';
  if (labels.x) context.fillText(labels.x, right, bottom - 5);
  context.textAlign = 'left';
  if (labels.y) context.fillText(labels.y, left + 4, top + 9);
}

// Running (across) against batch statistics (up) of each channel; variances by their logarithm. Returns where the dots are.
function scatterChart(canvas, across, up, chosen, logarithmic) {
  const { context, width, height } = surface(canvas);
  const turn = (value) => (value === null ? null : logarithmic ? Math.log10(Math.max(value, 1e-12)) : value);
  const points = across.map((value, channel) => [turn(value), turn(up[channel])]);
  const [low, high] = spanOf(points.flat());
  const box = { left: 44, right: width - 8, top: 8, bottom: height - 20 };
  const x = (value) => box.left + ((value - low) / (high - low)) * (box.right - box.left);
  const y = (value) => box.bottom - ((value - low) / (high - low)) * (box.bottom - box.top);
  const labels = { x: words.axis_running, y: words.axis_batch_up, logarithmic };
  axisLines(context, box, [1, 0], [low, high], x, y, labels);
  context.fillStyle = colour('--pg-soft');
  context.textAlign = 'center';
  for (const tick of logarithmic ? roundLogarithms(low, high) : ticks(low, high, 4)) context.fillText(logarithmic ? plain(10 ** tick) : tickText(tick), x(tick), box.bottom + 14);
  context.strokeStyle = colour('--pg-soft');
  context.beginPath();
  context.moveTo(x(low), y(low));
  context.lineTo(x(high), y(high));
  context.stroke();
  const dot = (channel, radius) => {
    const [px, py] = points[channel];
    if (px === null || py === null) return;
    context.beginPath();
    context.arc(x(px), y(py), radius, 0, 7);
    context.fill();
  };
  context.fillStyle = colour('--pg-disc');
  context.globalAlpha = 0.55;
  points.forEach((point, channel) => channel !== chosen && dot(channel, 3.5));
  context.globalAlpha = 1;
  context.fillStyle = colour('--pg-fake');
  dot(chosen, 6);
  canvas.dataset.points = points.length;
  return points.map(([px, py]) => (px === null || py === null ? null : [x(px), y(py)]));
}

// How many values are in each bin, of all channels and of one, each as a share of its largest bin.
function histogramChart(canvas, { edges, all, one }) {
  const { context, width, height } = surface(canvas);
  const box = { left: 10, right: width - 10, top: 6, bottom: height - 20 };
  const [low, high] = [edges[0], edges[edges.length - 1]];
  const x = (value) => box.left + ((value - low) / (high - low || 1)) * (box.right - box.left);
  const bars = (counts, hue, share) => {
    const most = Math.max(...counts, 1);
    context.fillStyle = hue;
    counts.forEach((count, bin) => {
      const wide = x(edges[bin + 1]) - x(edges[bin]);
      const tall = (count / most) * (box.bottom - box.top);
      context.fillRect(x(edges[bin]) + (wide * (1 - share)) / 2, box.bottom - tall, wide * share, tall);
    });
  };
  bars(all, colour('--pg-faint'), 0.96);
  bars(one, colour('--pg-fake'), 0.5);
  context.strokeStyle = colour('--pg-line');
  context.beginPath();
  context.moveTo(box.left, box.bottom);
  context.lineTo(box.right, box.bottom);
  context.stroke();
  context.fillStyle = colour('--pg-soft');
  context.textAlign = 'center';
  for (const tick of ticks(low, high, 5)) context.fillText(tickText(tick), x(tick), box.bottom + 14);
  canvas.dataset.counted = all.reduce((sum, count) => sum + count, 0);
}

// Lines along a run: [{ values, dashed, hue }…]. A single moment is a dot.
function lineChart(canvas, steps, lines) {
  const { context, width, height } = surface(canvas);
  const box = { left: 44, right: width - 18, top: 8, bottom: height - 20 };
  const [low, high] = spanOf(lines.flatMap(({ values }) => values));
  const last = Math.max(1, steps[steps.length - 1] ?? 1);
  const x = (step) => box.left + (step / last) * (box.right - box.left);
  const y = (value) => box.bottom - ((value - low) / (high - low)) * (box.bottom - box.top);
  axisLines(context, box, [0, last], [low, high], x, y, { steps: true });
  for (const { values, dashed, hue } of lines) {
    context.strokeStyle = context.fillStyle = hue;
    context.lineWidth = 2;
    context.setLineDash(dashed ? [5, 4] : []);
    context.beginPath();
    values.forEach((value, n) => value !== null && context.lineTo(x(steps[n]), y(value)));
    context.stroke();
    if (values.length === 1 && values[0] !== null) context.fillRect(x(steps[0]) - 3, y(values[0]) - 3, 6, 6);
  }
  context.setLineDash([]);
  canvas.dataset.moments = steps.length;
}

// Thousandths of base-10 logarithms, as the server packs them; -32768 is no number, -32767 zero, 32767 infinite.
function unpack(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return new Int16Array(bytes.buffer);
}

const heatValue = (packed, fine) => (packed === -32768 ? null : packed === -32767 ? 0 : packed === 32767 ? Infinity : 10 ** (packed / fine));

// One logarithmic scale for all arms: powers of ten, at most eight of them below the largest.
function heatScale(lists) {
  let [low, high] = [Infinity, -Infinity];
  for (const list of lists) for (const value of list) if (value > -32767 && value < 32767) [low, high] = [Math.min(low, value), Math.max(high, value)];
  return low > high ? [-1000, 0] : [Math.max(low, high - 8000), Math.max(high, low + 100)];
}

function heatColour(value, [low, high]) {
  const place = (Math.max(low, Math.min(high, value)) - low) / (high - low || 1) * (HEAT.length - 1);
  const n = Math.min(HEAT.length - 2, Math.floor(place));
  return HEAT[n].map((part, i) => Math.round(part + (HEAT[n + 1][i] - part) * (place - n)));
}

// A pixel a stage and step; steps that are still to come are left clear.
function heatMap(canvas, values, rows, taken, columns, scale) {
  [canvas.width, canvas.height] = [columns, rows];
  const context = canvas.getContext('2d');
  const image = context.createImageData(columns, rows);
  for (let row = 0; row < rows; row += 1) for (let step = 0; step < taken; step += 1) {
    const value = values[row * taken + step];
    if (value === -32768) continue;
    const [red, green, blue] = value === 32767 ? [179, 38, 30] : heatColour(value, scale);
    image.data.set([red, green, blue, 255], 4 * (row * columns + step));
  }
  context.putImageData(image, 0, 0);
  canvas.dataset.steps = taken;
}
