// The plot of the panel "Map": dots, and small pictures where there is room for them, on a canvas that can be moved and zoomed.
// Places lie in [-1, 1] and y points up. Nothing here asks the server.
const HUES = ['#0072B2', '#E69F00', '#009E73', '#CC79A7', '#56B4E9', '#D55E00', '#8a5fd0', '#8a8d00', '#a0705a', '#7b8595'];
const [NEAREST, FURTHEST] = [40, 0.6]; // zoom
const PICTURES_FROM = 2.2; // the zoom from which pictures take the place of dots by themselves
const around = { x: 0, y: 0, zoom: 1 }; // what is in the middle of the canvas

function geometry(canvas) {
  const { clientWidth: width, clientHeight: height } = canvas;
  const unit = (Math.min(width, height) / 2 - 16) * around.zoom;
  return {
    width, height, unit,
    right: (x) => width / 2 + (x - around.x) * unit,
    down: (y) => height / 2 - (y - around.y) * unit,
    place: (right, down) => [around.x + (right - width / 2) / unit, around.y - (down - height / 2) / unit],
  };
}

// Zoom by a factor so that what is under the pointer stays there.
function zoomAt(canvas, factor, right, down) {
  const [x, y] = geometry(canvas).place(right, down);
  around.zoom = Math.max(FURTHEST, Math.min(NEAREST, around.zoom * factor));
  const [now, then] = geometry(canvas).place(right, down);
  around.x += x - now;
  around.y += y - then;
}

function moveBy(canvas, right, down) {
  const { unit } = geometry(canvas);
  around.x -= right / unit;
  around.y += down / unit;
}

// The dot under a place on the canvas, of those that are shown; null where there is none.
function dotAt(canvas, data, seen, right, down, reach) {
  const at = geometry(canvas);
  let [best, found] = [reach ** 2, null];
  data.places.forEach(([x, y], n) => {
    if (!(n < data.num_real ? seen.real : seen.made)) return;
    const gap = (at.right(x) - right) ** 2 + (at.down(y) - down) ** 2;
    if (gap < best) [best, found] = [gap, n];
  });
  return found;
}

const kindOf = (data, n) => (n < data.num_real ? 'real' : 'made');
const hueOf = (data, n, byClass, kinds) => (byClass ? (data.classes[n] < 0 ? '#7b8595' : HUES[data.classes[n] % HUES.length]) : kinds[kindOf(data, n)]);

// Draw all of it. `seen` says what is shown: { real, made, holes, pictures, byClass }; `marks` are rings: [{ x, y, name }].
function paint(canvas, data, image, seen, marks, chosen) {
  const ratio = window.devicePixelRatio || 1;
  const at = geometry(canvas);
  canvas.width = Math.round(at.width * ratio);
  canvas.height = Math.round(at.height * ratio);
  const context = canvas.getContext('2d');
  context.scale(ratio, ratio);
  context.imageSmoothingEnabled = false;
  const kinds = { real: colour('--pg-real'), made: colour('--pg-fake') };
  const hue = (n) => hueOf(data, n, seen.byClass, kinds);
  if (seen.holes) paintHoles(context, at, data);
  const drawn = inView(at, data, seen);
  const large = seen.pictures || around.zoom >= PICTURES_FROM;
  const side = large ? Math.min(48, 18 + 5 * Math.sqrt(around.zoom)) : 0;
  const pictures = large ? withRoom(drawn, side + 2) : new Set();
  for (const dot of drawn) if (!pictures.has(dot)) paintDot(context, dot, hue(dot.n), kindOf(data, dot.n) === 'made' && seen.byClass);
  for (const { n, right, down } of pictures) paintPicture(context, image, data.sprite, n, right - side / 2, down - side / 2, side, hue(n));
  if (seen.holes) nameHoles(context, at, data);
  for (const mark of marks) paintMark(context, at, mark);
  if (chosen !== null) paintChosen(context, at, data.places[chosen], pictures.size && [...pictures].some(({ n }) => n === chosen) ? side * 0.75 : 8);
  return told(drawn, data, seen, pictures.size);
}

// What was drawn, for whoever cannot see it: how many of each, and where the first dots are.
function told(drawn, data, seen, pictures) {
  const real = drawn.filter(({ n }) => n < data.num_real).length;
  const dots = drawn.slice(0, 600).map(({ n, right, down }) => [n, Math.round(right), Math.round(down)]);
  return { real, made: drawn.length - real, holes: seen.holes ? data.holes.length : 0, pictures, zoom: around.zoom, dots };
}

// The dots on the canvas, real and made ones in turn, so that neither kind hides the other.
function inView(at, data, seen) {
  const { places, num_real: split } = data;
  const dots = [];
  const add = (n) => {
    const [right, down] = [at.right(places[n][0]), at.down(places[n][1])];
    if (right > -30 && down > -30 && right < at.width + 30 && down < at.height + 30) dots.push({ n, right, down });
  };
  for (let k = 0; k < Math.max(split, places.length - split); k++) {
    if (seen.real && k < split) add(k);
    if (seen.made && split + k < places.length) add(split + k);
  }
  return dots;
}

// Those of the dots whose pictures, `side` wide, do not cover one another.
function withRoom(dots, side) {
  const cells = new Map();
  const taken = new Set();
  for (const dot of dots) {
    const [column, row] = [Math.floor(dot.right / side), Math.floor(dot.down / side)];
    let free = true;
    for (let c = column - 1; c <= column + 1 && free; c++)
      for (let r = row - 1; r <= row + 1 && free; r++) {
        const other = cells.get(c + ' ' + r);
        if (other && Math.abs(other.right - dot.right) < side && Math.abs(other.down - dot.down) < side) free = false;
      }
    if (!free) continue;
    cells.set(column + ' ' + row, dot);
    taken.add(dot);
  }
  return taken;
}

function paintDot(context, { right, down }, hue, square) {
  const size = Math.min(5, 2.4 + 0.5 * Math.log2(Math.max(1, around.zoom)));
  context.globalAlpha = 0.8;
  context.fillStyle = hue;
  context.beginPath();
  if (square) context.rect(right - size * 0.9, down - size * 0.9, size * 1.8, size * 1.8);
  else context.arc(right, down, size, 0, 7);
  context.fill();
  context.globalAlpha = 1;
}

function paintPicture(context, image, sprite, n, left, top, side, hue) {
  context.fillStyle = hue;
  context.fillRect(left - 2, top - 2, side + 4, side + 4);
  const [x, y] = [(n % sprite.columns) * sprite.width, Math.floor(n / sprite.columns) * sprite.height];
  context.drawImage(image, x, y, sprite.width, sprite.height, left, top, side, side);
}

function paintHoles(context, at, { holes }) {
  const hue = colour('--pg-bad');
  for (const { x, y, radius } of holes) {
    context.beginPath();
    context.arc(at.right(x), at.down(y), Math.max(14, radius * at.unit + 6), 0, 7);
    context.globalAlpha = 0.13;
    context.fillStyle = hue;
    context.fill();
    context.globalAlpha = 0.9;
    context.setLineDash([5, 4]);
    context.strokeStyle = hue;
    context.lineWidth = 1.6;
    context.stroke();
    context.setLineDash([]);
  }
  context.globalAlpha = 1;
}

function nameHoles(context, at, { holes }) {
  const [hue, ground] = [colour('--pg-bad'), colour('--pg-panel')];
  context.font = '600 11px system-ui, sans-serif';
  context.textAlign = 'center';
  context.lineWidth = 4;
  for (const { x, y, radius, name } of holes) {
    const text = name === null ? words.hole_mark : fill(words.hole_mark_class, { name });
    const down = at.down(y) - Math.max(14, radius * at.unit + 6) - 5;
    context.strokeStyle = ground;
    context.strokeText(text, at.right(x), Math.max(12, down));
    context.fillStyle = hue;
    context.fillText(text, at.right(x), Math.max(12, down));
  }
}

function paintMark(context, at, { x, y, name }) {
  const [right, down] = [Math.max(9, Math.min(at.width - 9, at.right(x))), Math.max(9, Math.min(at.height - 9, at.down(y)))];
  for (const [width, hue] of [[5, colour('--pg-panel')], [2.4, colour('--pg-disc')]]) {
    context.beginPath();
    context.arc(right, down, 8, 0, 7);
    context.lineWidth = width;
    context.strokeStyle = hue;
    context.stroke();
  }
  context.font = '600 11px system-ui, sans-serif';
  context.textAlign = 'left';
  context.strokeStyle = colour('--pg-panel');
  context.lineWidth = 3;
  context.strokeText(name, right + 12, down + 4);
  context.fillStyle = colour('--pg-disc-text');
  context.fillText(name, right + 12, down + 4);
}

function paintChosen(context, at, [x, y], size) {
  context.beginPath();
  context.arc(at.right(x), at.down(y), size, 0, 7);
  context.lineWidth = 2;
  context.strokeStyle = colour('--body-text-color');
  context.stroke();
}

// Dragging, pinching, the wheel and the keys move what is around; `clicked` is a press that did not move.
const onCanvas = (event) => [event.offsetX, event.offsetY];
const MOVES = { ArrowLeft: [40, 0], ArrowRight: [-40, 0], ArrowUp: [0, 40], ArrowDown: [0, -40] };
function steer(canvas, { moved, over, clicked, left }) {
  const fingers = new Map();
  let travelled = 0;
  const spread = () => {
    const [[a, b], [c, d]] = [...fingers.values()];
    return { apart: Math.hypot(a - c, b - d), right: (a + c) / 2, down: (b + d) / 2 };
  };
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    if (!fingers.size) travelled = 0;
    fingers.set(event.pointerId, onCanvas(event));
  });
  canvas.addEventListener('pointermove', (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return event.pointerType === 'mouse' && over(event);
    const first = fingers.size === 2 ? spread() : null;
    const now = onCanvas(event);
    fingers.set(event.pointerId, now);
    travelled += Math.hypot(now[0] - before[0], now[1] - before[1]);
    if (travelled < 5) return;
    canvas.classList.add('moving');
    if (first) {
      const then = spread();
      zoomAt(canvas, then.apart / (first.apart || 1), then.right, then.down);
      moveBy(canvas, then.right - first.right, then.down - first.down);
    } else moveBy(canvas, now[0] - before[0], now[1] - before[1]);
    moved();
  });
  for (const end of ['pointerup', 'pointercancel']) {
    canvas.addEventListener(end, (event) => {
      const still = fingers.delete(event.pointerId) && !fingers.size && travelled < 5 && end === 'pointerup';
      canvas.classList.remove('moving');
      if (still) clicked(event);
    });
  }
  canvas.addEventListener('pointerleave', () => !fingers.size && left());
  canvas.addEventListener('wheel', (event) => {
    event.preventDefault();
    zoomAt(canvas, 1.0015 ** -event.deltaY, ...onCanvas(event));
    moved();
  }, { passive: false });
  canvas.addEventListener('keydown', (event) => {
    if (MOVES[event.key]) moveBy(canvas, ...MOVES[event.key]);
    else if (event.key === '+' || event.key === '-') zoomAt(canvas, event.key === '+' ? 1.3 : 1 / 1.3, canvas.clientWidth / 2, canvas.clientHeight / 2);
    else return;
    event.preventDefault();
    moved();
  });
}
