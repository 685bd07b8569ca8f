// Maps of numbers on canvases: a heat map whose cells carry their numbers where they are large enough.
const NUMBERS_FROM = 15; // pixels of a cell
const ANSWERS = 2048; // cells up to which a canvas says in its data what it was given

// what the server packed (views/transposed.py): float32, shown as PyTorch made it
function unpack(array) {
  if (!array) return null;
  const bytes = Uint8Array.from(atob(array.data), (byte) => byte.charCodeAt(0));
  return { shape: array.shape, values: new Float32Array(bytes.buffer) };
}

// one map (rows, columns) of a stack of them
const layerOf = (stack, n) => {
  const [, rows, columns] = stack.shape;
  return { shape: [rows, columns], values: stack.values.subarray(n * rows * columns, (n + 1) * rows * columns) };
};

function digits(value, figures = 3) {
  if (value === null || !Number.isFinite(value)) return '–';
  if (Math.abs(value) >= 1e5 || (value && Math.abs(value) < 1e-4)) return value.toExponential(1).replace('-', '−');
  const text = Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(figures)));
  return text.replace('-', '−');
}

// "#rrggbb" -> [r, g, b]
const parts = (hex) => [1, 3, 5].map((n) => parseInt(hex.slice(n, n + 2), 16));
const mixed = (from, to, share) => from.map((c, n) => Math.round(c + (to[n] - c) * share));
const css = (tone) => `rgb(${tone.join(',')})`;
const blend = (from, to, share) => css(mixed(from, to, share));
const inkOn = ([r, g, b]) => (0.299 * r + 0.587 * g + 0.114 * b > 120 ? '#10151f' : '#f4f6fb'); // read on that colour

function palette() {
  const dark = document.body.classList.contains('dark');
  return {
    dark, paper: parts(colour('--pg-panel')), ink: dark ? '#f2f5fa' : '#141a26', line: colour('--pg-line'), faint: colour('--pg-faint'),
    below: dark ? [150, 162, 184] : [112, 122, 142], accent: colour('--pg-accent'), bad: colour('--pg-bad'),
    in: parts(colour('--pg-fake')), k: parts(colour('--pg-disc')), mark: dark ? '#ffffff' : '#10151f',
  };
}

// A figure with a map. `draw({...})` draws it: `map`, `hue` ('in' or 'k'), room, and what is marked in it.
function makeGrid(name, caption, { onPick = null, onRead = null, roam = null, title = '' } = {}) {
  const canvas = make('canvas', { 'data-name': name, role: 'img', class: onPick ? 'live' : '', title });
  const label = make('figcaption', {});
  const figure = make('figure', { class: 'grid ' + name }, label, canvas);
  const grid = { figure, canvas, label, cell: 0, map: null, name };
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    if (!grid.map || !box.width) return null;
    const [rows, columns] = grid.map.shape;
    const [y, x] = [Math.floor(((event.clientY - box.top) / box.height) * rows), Math.floor(((event.clientX - box.left) / box.width) * columns)];
    return y >= 0 && x >= 0 && y < rows && x < columns ? { y, x, value: grid.map.values[y * columns + x] } : null;
  };
  const tell = (event) => { const at = place(event); if (at && onRead) onRead(grid, at); };
  canvas.addEventListener('pointermove', tell);
  canvas.addEventListener('pointerdown', tell); // a finger does not hover
  if (onPick) canvas.addEventListener('click', (event) => { const at = place(event); if (at) onPick(at, grid); });
  if (roam) { // the arrow keys go from cell to cell
    canvas.tabIndex = 0;
    canvas.addEventListener('keydown', (event) => {
      const by = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
      const from = by && grid.map && roam();
      if (!from) return;
      event.preventDefault();
      const [y, x] = [from.y, from.x].map((value, n) => Math.max(0, Math.min(grid.map.shape[n] - 1, value + by[n])));
      onPick({ y, x }, grid);
    });
  }
  grid.say = (text) => { label.textContent = text; canvas.setAttribute('aria-label', text); };
  grid.say(caption);
  grid.draw = (options) => drawGrid(grid, options);
  return grid;
}

function drawGrid(grid, { map, hue, width, height, largest = 34, top = null, unknown = null, zero = null, marked = [], band = null, over = null }) {
  const { canvas } = grid;
  const [rows, columns] = map.shape;
  const cell = Math.max(1, Math.min(largest, width / columns, height / rows));
  const size = cell >= 6 ? Math.floor(cell) : cell;
  Object.assign(grid, { cell: size, map });
  const [w, h, ratio] = [size * columns, size * rows, window.devicePixelRatio || 1];
  canvas.style.width = w + 'px';
  canvas.style.height = h + 'px';
  canvas.width = Math.max(1, Math.round(w * ratio));
  canvas.height = Math.max(1, Math.round(h * ratio));
  const [pen, paint] = [canvas.getContext('2d'), palette()];
  pen.scale(ratio, ratio);
  const most = top ?? map.values.reduce((found, value) => Math.max(found, Number.isFinite(value) ? Math.abs(value) : 0), 0);
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  const font = lettering(map.values, size);
  for (let n = 0; n < rows * columns; n++) {
    const [y, x] = [Math.floor(n / columns), n % columns];
    drawCell(pen, paint, { x: x * size, y: y * size, size, value: map.values[n], most, hue, hidden: unknown?.(y, x), zero: zero?.(y, x), font });
  }
  for (const { y, x, tone } of marked) frame(pen, x * size, y * size, size, tone === 'k' ? blend(paint.k, paint.paper, 0) : paint.mark, Math.max(1.5, size / 12));
  if (band) { // a row or a column
    pen.strokeStyle = paint.mark;
    pen.lineWidth = 2;
    pen.strokeRect(band.x * size + 1, band.y * size + 1, band.width * size - 2, Math.max(2, band.height * size - 2));
  }
  if (over) drawOver(pen, paint, size, over, rows, columns);
  if (rows * columns <= ANSWERS) canvas.dataset.given = JSON.stringify([...map.values]);
  else delete canvas.dataset.given;
  canvas.dataset.shape = `${rows}×${columns}`;
}

function drawCell(pen, paint, { x, y, size, value, most, hue, hidden, zero, font }) {
  const gap = size >= 8 ? 1 : 0;
  const strength = hidden || zero ? 0 : Math.min(1, Math.abs(value) / (most || 1)) ** 0.8;
  const tone = mixed(paint.paper, value < 0 ? paint.below : paint[hue], hidden ? 0 : 0.06 + 0.82 * strength);
  pen.fillStyle = Number.isFinite(value) ? css(tone) : paint.bad;
  pen.fillRect(x, y, size - gap, size - gap);
  if (gap) {
    pen.strokeStyle = paint.line;
    pen.lineWidth = 1;
    pen.strokeRect(x + 0.5, y + 0.5, size - 1, size - 1);
  }
  if (!hidden && font) write(pen, value, font, x + size / 2, y + size / 2, zero ? paint.faint : inkOn(tone));
}

// The figures and the size of letters with which every number of a map fits into its cell; null where that is too small.
function lettering(values, size) {
  if (size < NUMBERS_FROM) return null;
  for (const figures of [3, 2, 1]) {
    const longest = values.reduce((most, value) => Math.max(most, digits(value, figures).length), 1);
    const letters = Math.min(14, size * 0.46, (size - 3) / (longest * 0.57));
    if (letters >= 7.5) return { figures, letters };
  }
  return null;
}

function write(pen, value, { figures, letters }, x, y, ink) {
  pen.fillStyle = ink;
  pen.font = `${letters}px system-ui, sans-serif`;
  pen.fillText(digits(value, figures), x, y + 0.5);
}

function frame(pen, x, y, size, ink, thick) {
  pen.strokeStyle = ink;
  pen.lineWidth = thick;
  pen.strokeRect(x + thick / 2, y + thick / 2, size - thick, size - thick);
}

// A kernel that lies over the map: its numbers `dilation` apart from `corner` on, which may be between cells on its way.
function drawOver(pen, paint, size, { corner, dilation, map, alpha = 1, numbers = true }, rows, columns) {
  const [kRows, kColumns] = map.shape;
  const font = lettering(map.values, size);
  pen.globalAlpha = alpha;
  for (let n = 0; n < kRows * kColumns; n++) {
    const [y, x] = [corner[0] + Math.floor(n / kColumns) * dilation[0], corner[1] + (n % kColumns) * dilation[1]];
    if (y <= -1 || x <= -1 || y >= rows || x >= columns) continue;
    if (numbers) {
      pen.fillStyle = blend(paint.k, paint.paper, 0.25);
      pen.fillRect(x * size + 1, y * size + 1, size - 2, size - 2);
      if (font) write(pen, map.values[n], font, (x + 0.5) * size, (y + 0.5) * size, paint.dark ? '#0b1220' : '#ffffff');
    }
    frame(pen, x * size, y * size, size, blend(paint.k, paint.paper, 0), Math.max(1.5, size / 11));
  }
  pen.globalAlpha = 1;
}
