// A plane through three or four of the collected points: a grid of pictures, and a dot to drag over it.
const [empty, body, field, grid, dot, here, where] = ['.empty', '.body', '.field', '.grid', '.dot', '.here', '.where'].map((selector) => element.querySelector(selector));
const STEP = 0.02; // of an arrow key
const view = { u: 0.5, v: 0.5 };

const corners = () => walked().slice(0, 4);
const request = (extra = {}) => asked({ points: corners().map(({ point }) => point), ...extra });
// the sheet's pictures stand for their middles: the corners of the plane are the middles of the corner pictures
let side = 9;
const toPlane = (share) => inside((share * side - 0.5) / (side - 1));
const toSheet = (place) => (place * (side - 1) + 0.5) / side;
const inside = (value) => Math.max(0, Math.min(1, value));

function placed() {
  [dot.style.left, dot.style.top] = [view.u, view.v].map((place) => 100 * toSheet(place) + '%');
  const percent = { u: Math.round(100 * view.u), v: Math.round(100 * view.v) };
  where.textContent = fill(words.where, percent);
  field.setAttribute('aria-valuetext', where.textContent);
  field.setAttribute('aria-valuenow', percent.u);
}

const askHere = latest(async () => {
  const start = performance.now();
  const answer = await server.spot(request(view));
  if (answer.error) return say('notice', answer.error);
  drawTile(here, await decode(answer.sprite), answer.sprite, 0);
  element.dataset.here = [answer.u, answer.v].join(',');
  element.dataset.took = (performance.now() - start).toFixed(1);
});

function go(u, v) {
  [view.u, view.v] = [inside(u), inside(v)];
  placed();
  bus.views = { ...bus.views, plane: { ...view } };
  say('view', 'plane');
  askHere({});
}

async function drawRows({ sprite, first, rows }) {
  const image = await decode(sprite);
  const [width, height] = [sprite.columns * sprite.width, rows * sprite.height];
  if (grid.width !== width || grid.height !== height) [grid.width, grid.height] = [width, height];
  side = sprite.columns;
  const [under, part] = [first * sprite.height, (sprite.count / sprite.columns) * sprite.height];
  grid.getContext('2d').drawImage(image, 0, 0, width, part, 0, under, width, part);
}

const ask = latest(async () => {
  const on = corners();
  const enough = on.length >= 3 && bus.visitor?.model;
  empty.hidden = enough;
  body.hidden = !enough;
  empty.textContent = bus.visitor?.model ? words.too_few : words.untrained;
  if (!enough || !shown()) return;
  const wanted = request();
  const asked = JSON.stringify(wanted);
  for (let first = 0, rows = 1; first < rows;) {
    const answer = await server.sheet({ ...wanted, first });
    if (answer.error) return say('notice', answer.error);
    if (asked !== JSON.stringify(request())) return; // asked anew meanwhile
    await drawRows(answer);
    rows = answer.rows;
    first += answer.sprite.count / answer.sprite.columns;
  }
  element.querySelectorAll('.corner').forEach((label, n) => (label.textContent = on[n]?.name ?? ''));
  element.dataset.painted = String(Number(element.dataset.painted || 0) + 1);
  placed();
  askHere({});
});

const follows = (event) => {
  const box = field.getBoundingClientRect();
  go(toPlane((event.clientX - box.left) / box.width), toPlane((event.clientY - box.top) / box.height));
};
field.addEventListener('pointerdown', (event) => {
  field.setPointerCapture(event.pointerId);
  follows(event);
});
field.addEventListener('pointermove', (event) => field.hasPointerCapture(event.pointerId) && follows(event));
field.addEventListener('keydown', (event) => {
  const [du, dv] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [];
  if (du === undefined) return;
  event.preventDefault();
  go(view.u + du * STEP, view.v + dv * STEP);
});

const keep = async () => {
  const answer = await server.spot(request(view));
  if (answer.error) return say('notice', answer.error);
  collect([{ point: answer.point, name: fill(words.name, { u: Math.round(100 * view.u), v: Math.round(100 * view.v) }), walked: false }]);
};
const png = async () => {
  const file = await server.file(request());
  if (file.error) say('notice', file.error);
  else save(file);
};
element.querySelector('.tools').append(
  make('button', { type: 'button', id: 'plane-keep', title: words.keep_help, onclick: keep }, words.keep),
  make('button', { type: 'button', id: 'plane-png', title: words.png_help, onclick: png }, words.png));
element.querySelector('.intro').textContent = words.intro;
field.setAttribute('aria-label', words.field);
here.setAttribute('aria-label', words.here);

function adopt(given) {
  if (!(given?.u >= 0 && given.u <= 1 && given.v >= 0 && given.v <= 1)) return;
  [view.u, view.v] = [given.u, given.v];
  placed();
}
adopt(bus.views?.plane);
hear('views', () => { adopt(bus.views?.plane); ask({}); });
hear('tray', () => ask({}));
keepUp(() => ask({}));
