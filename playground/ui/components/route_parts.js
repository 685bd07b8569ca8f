// What the panel "Walk" offers and draws: the film strip with its way points, and under it, frame below frame, the curve
// of change.
const CHOICES = { speed: ['plain', 'pixels', 'features'], method: ['slerp', 'lerp'], frames: [24, 48, 64, 128], space: ['z', 'w'] };
const KINDS = ['strip', 'sheet', 'gif', 'webp', 'mp4', 'npy'];
const isSeed = (seed) => Number.isInteger(seed) && seed >= 0 && seed <= 2147483647;

// What of a view, which may come from a stranger's link, is one.
function valid(given) {
  const fits = {
    ...Object.fromEntries(Object.entries(CHOICES).map(([name, known]) => [name, (value) => known.includes(value)])),
    space: (value) => value === null || CHOICES.space.includes(value),
    loop: (value) => typeof value === 'boolean',
    random: (value) => typeof value === 'boolean',
    seed: isSeed,
    at: (value) => typeof value === 'number' && value >= 0 && value <= 1,
    size: (value) => Number.isInteger(value) && value >= 0 && value <= 16,
  };
  return Object.fromEntries(Object.keys(fits).filter((name) => fits[name](given[name])).map((name) => [name, given[name]]));
}

const FILM_HEIGHT = 64;
const TOP = 14; // of the curve: room for a number
const FLOOR = 6;
const sharp = (number) => (number >= 100 ? number.toFixed(0) : number >= 1 ? number.toFixed(1) : number.toPrecision(2));

// Where the frames are, from left to right: the strip's pictures stand at its cells' middles.
function layout(width, sprite) {
  const ratio = sprite.width / sprite.height;
  const cells = Math.max(2, Math.min(sprite.count, Math.floor(width / (FILM_HEIGHT * ratio))));
  const cell = width / cells;
  const half = cell / 2;
  return { cells, cell, half, x: (frame) => half + (frame / (sprite.count - 1)) * (width - cell), frame: (x) => Math.max(0, Math.min(sprite.count - 1, Math.round(((x - half) / (width - cell)) * (sprite.count - 1)))) };
}

function prepared(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext('2d');
  context.scale(ratio, ratio);
  return context;
}

function drawFilm(canvas, image, walk, width) {
  const { sprite, marks } = walk;
  const { cells, cell, x } = layout(width, sprite);
  const height = Math.min(cell * (sprite.height / sprite.width), 1.5 * FILM_HEIGHT);
  canvas.style.height = height + 16 + 'px';
  const context = prepared(canvas, width, height + 16);
  context.imageSmoothingEnabled = false;
  context.fillStyle = colour('--pg-panel');
  context.fillRect(0, 0, width, height + 16);
  for (let n = 0; n < cells; n++) {
    const index = Math.round((n / (cells - 1)) * (sprite.count - 1));
    const from = [(index % sprite.columns) * sprite.width, Math.floor(index / sprite.columns) * sprite.height];
    context.drawImage(image, ...from, sprite.width, sprite.height, n * cell + 0.5, 16, cell - 1, height);
  }
  context.font = '600 11px system-ui, sans-serif';
  context.textAlign = 'center';
  marks.forEach((frame, n) => {
    context.fillStyle = colour('--pg-accent');
    context.fillRect(x(frame) - 1, 13, 2, 3);
    const crowded = n > 0 && x(frame) - x(marks[n - 1]) < 12;
    if (!crowded) context.fillText(String(n + 1), Math.max(6, Math.min(width - 6, x(frame))), 11);
  });
}

function drawCurve(canvas, walk, width, hovered) {
  const height = 128;
  const context = prepared(canvas, width, height);
  const { x } = layout(width, walk.sprite);
  const { change, marks } = walk;
  const highest = Math.max(...change) || 1;
  const y = (value) => height - FLOOR - (value / highest) * (height - TOP - FLOOR);
  context.setLineDash([3, 3]);
  context.strokeStyle = colour('--pg-accent');
  context.lineWidth = 1;
  for (const frame of marks) stroke(context, [[x(frame), TOP], [x(frame), height - FLOOR]]);
  context.setLineDash([]);
  const points = change.map((value, n) => [(x(n) + x(n + 1)) / 2, y(value)]);
  context.fillStyle = context.strokeStyle = colour('--pg-fake');
  context.globalAlpha = 0.25;
  context.beginPath();
  context.moveTo(points[0][0], height - FLOOR);
  points.forEach((point) => context.lineTo(...point));
  context.lineTo(points.at(-1)[0], height - FLOOR);
  context.fill();
  context.globalAlpha = 1;
  context.lineWidth = 2;
  stroke(context, points);
  context.fillStyle = colour('--pg-soft');
  context.font = '11px system-ui, sans-serif';
  context.fillText(sharp(highest), 5, TOP - 2);
  context.fillText('0', 5, height - FLOOR - 2);
  if (hovered === null) return;
  context.fillStyle = colour('--pg-fake-text');
  context.beginPath();
  context.arc(...points[hovered], 4, 0, 2 * Math.PI);
  context.fill();
}

function stroke(context, points) {
  context.beginPath();
  points.forEach((point, n) => (n ? context.lineTo(...point) : context.moveTo(...point)));
  context.stroke();
}

// the grid of mixed styles: pictures of `sprite` row by row, the first row and column apart from the rest
function drawTable(canvas, image, sprite, room) {
  const rows = sprite.count / sprite.columns;
  const gap = 6;
  const side = Math.max(24, Math.min(96, Math.floor((room - gap) / sprite.columns) - 2));
  const place = (n) => n * (side + 2) + (n ? gap : 0);
  canvas.style.width = place(sprite.columns) + 'px';
  canvas.style.height = place(rows) + 'px';
  const context = prepared(canvas, place(sprite.columns), place(rows));
  context.imageSmoothingEnabled = false;
  for (let n = 1; n < sprite.count; n++) { // the corner stays empty
    const [column, row] = [n % sprite.columns, Math.floor(n / sprite.columns)];
    context.drawImage(image, column * sprite.width, row * sprite.height, sprite.width, sprite.height, place(column), place(row), side, side);
  }
}

// The fold with mixed styles: how many sizes the rows give, and the table. `view` and `walk` are the panel's.
const sizeSlider = element.querySelector('.size input');
function reflectSize() {
  const { sizes } = walk;
  sizeSlider.max = sizes.length;
  view.size = Math.min(view.size, sizes.length);
  sizeSlider.value = view.size;
  const sentence = view.size === 0 ? words.size_none : view.size === sizes.length ? words.size_all : words.size_to;
  element.querySelector('.size output').textContent = fill(sentence, { size: sizes[view.size - 1] });
}
const mix = latest(async () => {
  const points = (walked().length ? walked() : tray().points).map(({ point }) => point);
  const answer = await server.mix(asked({ points, size: view.size }));
  if (answer.error) return complain(answer.error);
  drawTable(table, await decode(answer.sprite), answer.sprite, more.clientWidth);
  table.dataset.painted = String(Number(table.dataset.painted || 0) + 1);
});
