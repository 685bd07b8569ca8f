// Drawing maps: numbers to colours, tiles on one canvas, and which number lies under the pointer.
const GAP = 6;
const CAPTION = 13; // pixels under a tile for its number

function floats({ size, data }) {
  const bytes = Uint8Array.from(atob(data), (byte) => byte.charCodeAt(0));
  return { count: size[0], height: size[1], width: size[2], values: new Float32Array(bytes.buffer) };
}

// below zero blue, above orange, zero the paper, as z on the ladder; what is no number grey
function palette() {
  const dark = document.body.classList.contains('dark');
  return dark
    ? { zero: [24, 29, 40], below: [98, 182, 234], above: [240, 184, 58], none: [70, 76, 88] }
    : { zero: [248, 248, 248], below: [0, 84, 150], above: [176, 100, 0], none: [205, 209, 216] };
}

function tint(value, peak, { zero, below, above, none }) {
  if (!Number.isFinite(value)) return none;
  const strength = peak > 0 ? Math.min(1, Math.abs(value) / peak) ** 0.8 : 0;
  const hue = value < 0 ? below : above;
  return zero.map((from, n) => from + (hue[n] - from) * strength);
}

// all planes below one another on a canvas of one pixel a number; `peaks` is what has the full colour in each
function painted({ count, height, width, values }, peaks, marks, peak) {
  const canvas = make('canvas', { width, height: count * height });
  const context = canvas.getContext('2d');
  const image = context.createImageData(width, count * height);
  const colours = palette();
  const pink = [214, 60, 140]; // --pg-grad, darker: it must stand out from orange
  for (let n = 0; n < values.length; n++) {
    const base = tint(values[n], peaks[Math.floor(n / (height * width))], colours);
    // what caused the followed pixel is pink, and all else pale
    const cause = marks && Number.isFinite(marks[n]) && peak > 0 ? Math.min(1, Math.abs(marks[n]) / peak) : 0;
    const share = cause > 0.01 ? 0.35 + 0.65 * cause ** 0.6 : 0;
    for (let c = 0; c < 3; c++) {
      const under = marks ? colours.zero[c] + (base[c] - colours.zero[c]) * 0.45 : base[c];
      image.data[4 * n + c] = under + (pink[c] - under) * share;
    }
    image.data[4 * n + 3] = 255;
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

const largest = (values, from = 0, to = values.length) => {
  let found = 0;
  for (let n = from; n < to; n++) if (Number.isFinite(values[n])) found = Math.max(found, Math.abs(values[n]));
  return found;
};

// where tiles lie on a wall `room` pixels wide
function arranged({ count, height, width }, room) {
  if (count === 1) {
    const cell = Math.max(1, Math.min(room / width, 420 / height, 26));
    return { columns: 1, tile: [cell * width, cell * height], step: [room, cell * height + CAPTION], left: 0, height: cell * height + CAPTION };
  }
  const wanted = count <= 16 ? 104 : count <= 64 ? 72 : 50;
  const columns = Math.max(1, Math.min(count, Math.floor((room + GAP) / (wanted + GAP))));
  const side = Math.floor(Math.min(130, (room + GAP) / columns - GAP));
  const tall = Math.round((side * height) / width);
  const step = [side + GAP, tall + CAPTION + 4];
  return { columns, tile: [side, tall], step, height: Math.ceil(count / columns) * step[1] };
}

function drawWall(canvas, plan, sheet, { count, height, width }, captions, { picked = -1, faded = () => false } = {}) {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(canvas.clientWidth * ratio);
  canvas.height = Math.round(plan.height * ratio);
  canvas.style.height = plan.height + 'px';
  const context = canvas.getContext('2d');
  context.scale(ratio, ratio);
  context.imageSmoothingEnabled = false;
  context.font = '10px system-ui, sans-serif';
  for (let n = 0; n < count; n++) {
    const [x, y] = [(n % plan.columns) * plan.step[0], Math.floor(n / plan.columns) * plan.step[1]];
    context.globalAlpha = faded(n) ? 0.35 : 1;
    context.drawImage(sheet, 0, n * height, width, height, x, y, ...plan.tile);
    context.globalAlpha = 1;
    context.lineWidth = n === picked ? 2 : 1;
    context.strokeStyle = colour(n === picked ? '--pg-accent' : '--pg-line');
    context.strokeRect(x + 0.5, y + 0.5, plan.tile[0] - 1, plan.tile[1] - 1);
    context.fillStyle = colour('--pg-soft');
    if (captions[n]) context.fillText(captions[n], x + 1, y + plan.tile[1] + 10, plan.tile[0]);
  }
}

// the plane, line and column at a point of the wall, null beside the tiles
function under(plan, { count, height, width }, x, y) {
  const column = plan.columns === 1 ? 0 : Math.floor(x / plan.step[0]);
  const plane = Math.floor(y / plan.step[1]) * plan.columns + column;
  const [left, top] = [x - column * plan.step[0], y % plan.step[1]];
  if (column >= plan.columns || plane >= count || left < 0 || left >= plan.tile[0] || top >= plan.tile[1]) return null;
  return { plane, row: Math.floor((top / plan.tile[1]) * height), column: Math.floor((left / plan.tile[0]) * width) };
}

// float32 has about seven digits; six of them are PyTorch's own
const exactly = (value, digits = 6) => (Number.isFinite(value) ? String(Number(value.toPrecision(digits))).replace('-', '−') : '–');
const signed = (value) => (value === null ? '–' : value.toFixed(2).replace('-', '−'));
const bytes = (count) => (count >= 1024 ? (count / 1024).toFixed(count < 10240 && count % 1024 ? 1 : 0) + ' KB' : count + ' B');
