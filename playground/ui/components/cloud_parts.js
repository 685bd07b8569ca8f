// How the plane is drawn, from a frame whose numbers are Float32Arrays.
const LAYERS = ['surface', 'manifold', 'real', 'fake', 'pulls'];
const STRENGTH = 0.7; // of the surface's colour where D is sure
const CONTRAST = 0.7; // below 1, so that a D that is only a little sure can be seen too
const LONGEST = 0.3; // of an arrow, in units of the plane
const HALF = 1; // the gradient's length at which an arrow is half as long as the longest

function unpack(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return new Float32Array(bytes.buffer);
}

// A frame as the server sends it, with its numbers unpacked.
function frameOf(value) {
  const numbers = {};
  for (const name of ['real', 'fake', 'pulls', 'surface', 'manifold']) numbers[name] = value[name] ? unpack(value[name]) : null;
  return { ...value, ...numbers };
}

const between = (a, b, share) => (a && b && a.length === b.length ? b.map((to, n) => a[n] + share * (to - a[n])) : b);

// What lies between two frames: the same latents are on their way from one to the other.
function mixed(from, to, share) {
  if (!from || share >= 1) return to;
  const numbers = {};
  for (const name of ['fake', 'pulls', 'surface', 'manifold']) numbers[name] = between(from[name], to[name], share);
  for (const name of ['border', 'sure']) if (from[name] !== undefined && to[name] !== undefined) numbers[name] = from[name] + share * (to[name] - from[name]);
  return { ...to, ...numbers };
}

const rgb = (name) => {
  const hex = colour(name).replace('#', '');
  return [0, 2, 4].map((n) => parseInt(hex.slice(n, n + 2), 16));
};

const tile = document.createElement('canvas'); // a pixel for each place that D was asked at

function paintSurface(context, frame, side) {
  const count = Math.round(Math.sqrt(frame.surface.length));
  if (tile.width !== count) tile.width = tile.height = count;
  const pixels = new ImageData(count, count);
  const [says, not] = [rgb('--pg-disc'), rgb('--pg-fake')];
  for (let n = 0; n < frame.surface.length; n++) {
    const sure = Math.tanh((frame.surface[n] - frame.border) / (2 * frame.sure)); // 2 σ(x) - 1
    const at = 4 * ((count - 1 - Math.floor(n / count)) * count + (n % count)); // rows come from below
    pixels.data.set(sure > 0 ? says : not, at);
    pixels.data[at + 3] = Math.abs(sure) ** CONTRAST * STRENGTH * 255;
  }
  tile.getContext('2d').putImageData(pixels, 0, 0);
  context.imageSmoothingEnabled = true;
  context.drawImage(tile, 0, 0, side, side);
}

function paintDots(context, points, place, hue, radius, edge) {
  context.beginPath();
  for (let n = 0; n < points.length; n += 2) {
    const [x, y] = place(points[n], points[n + 1]);
    context.moveTo(x + radius, y);
    context.arc(x, y, radius, 0, 7);
  }
  context.lineWidth = 1;
  context.strokeStyle = edge;
  context.stroke();
  context.fillStyle = hue;
  context.fill();
}

function paintPulls(context, frame, place, hue) {
  context.strokeStyle = hue;
  context.lineWidth = 1.3;
  context.beginPath();
  for (let n = 0; n < frame.pulls.length; n += 2) {
    const [dx, dy] = [frame.pulls[n], frame.pulls[n + 1]];
    const size = Math.hypot(dx, dy);
    if (!(size > 1e-4)) continue;
    const length = LONGEST / (size + HALF);
    const [x, y] = place(frame.fake[n], frame.fake[n + 1]);
    const [tx, ty] = place(frame.fake[n] + dx * length, frame.fake[n + 1] + dy * length);
    context.moveTo(x, y);
    context.lineTo(tx, ty);
    const head = Math.min(4, Math.hypot(tx - x, ty - y) / 2);
    const angle = Math.atan2(ty - y, tx - x);
    for (const turn of [2.6, -2.6]) {
      context.moveTo(tx, ty);
      context.lineTo(tx + head * Math.cos(angle + turn), ty + head * Math.sin(angle + turn));
    }
  }
  context.stroke();
}

// cells of equal chance: where they are small, G puts many points
function paintManifold(context, points, place, hue) {
  if (points.length === 2 * 201) return paintThread(context, points, place, hue);
  const lines = Math.round(Math.sqrt(points.length / 2));
  const at = (row, column) => place(points[2 * (row * lines + column)], points[2 * (row * lines + column) + 1]);
  const fair = (Math.abs(place(1, 0)[0] - place(-1, 0)[0]) / (lines - 1)) ** 2; // of a cell, were all alike
  context.fillStyle = context.strokeStyle = hue;
  for (let row = 0; row + 1 < lines; row++) {
    for (let column = 0; column + 1 < lines; column++) {
      const corners = [at(row, column), at(row, column + 1), at(row + 1, column + 1), at(row + 1, column)];
      const area = Math.abs(corners.reduce((sum, [x, y], n) => sum + x * corners[(n + 1) % 4][1] - y * corners[(n + 1) % 4][0], 0) / 2);
      context.globalAlpha = Math.max(0.03, Math.min(0.55, 0.12 * fair / Math.max(area, 1e-6)));
      context.beginPath();
      corners.forEach(([x, y], n) => (n ? context.lineTo(x, y) : context.moveTo(x, y)));
      context.fill();
    }
  }
  context.globalAlpha = 0.55;
  context.lineWidth = 0.7;
  context.beginPath();
  for (let a = 0; a < lines; a++) {
    for (let b = 0; b < lines; b++) context[b ? 'lineTo' : 'moveTo'](...at(a, b));
    for (let b = 0; b < lines; b++) context[b ? 'lineTo' : 'moveTo'](...at(b, a));
  }
  context.stroke();
  context.globalAlpha = 1;
}

function paintThread(context, points, place, hue) {
  context.strokeStyle = hue;
  context.lineWidth = 3;
  context.lineCap = 'round';
  for (let n = 2; n + 1 < points.length; n += 2) {
    const [from, to] = [place(points[n - 2], points[n - 1]), place(points[n], points[n + 1])];
    context.globalAlpha = Math.max(0.15, Math.min(0.9, 1.5 / Math.max(1e-6, Math.hypot(to[0] - from[0], to[1] - from[1]))));
    context.beginPath();
    context.moveTo(...from);
    context.lineTo(...to);
    context.stroke();
  }
  context.globalAlpha = 1;
}

// Draw the chosen layers; returns the names of those that there was something to draw of.
function paintPlane(context, frame, side, chosen) {
  const place = (x, y) => [((x / frame.span + 1) / 2) * side, ((1 - y / frame.span) / 2) * side];
  const edge = colour('--pg-panel');
  const paint = {
    surface: () => paintSurface(context, frame, side),
    manifold: () => paintManifold(context, frame.manifold, place, colour('--pg-fake')),
    real: () => paintDots(context, frame.real, place, colour('--pg-real'), 1.7, edge),
    fake: () => paintDots(context, frame.fake, place, colour('--pg-fake'), 1.9, edge),
    pulls: () => paintPulls(context, frame, place, colour('--pg-grad')),
  };
  const drawn = LAYERS.filter((name) => chosen.has(name) && frame[name]);
  context.clearRect(0, 0, side, side);
  drawn.forEach((name) => paint[name]());
  return drawn;
}

// A drawing as text: two letters a place on a lattice of 64 by 64 over [-1, 1], a dot between strokes.
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const MAX_DRAWN = 600;

function written(strokes) {
  for (let apart = 1; apart < 64; apart++) {
    const text = strokes.map((stroke) => thinned(stroke, apart).map(([x, y]) => ALPHABET[x] + ALPHABET[y]).join('')).join('.');
    if (text.length <= MAX_DRAWN) return text;
  }
  return '';
}

// places of the lattice at least `apart` from the one before, the last one among them
function thinned(stroke, apart) {
  const lattice = stroke.map((point) => point.map((value) => Math.max(0, Math.min(63, Math.round(((value + 1) / 2) * 63)))));
  const kept = [lattice[0]];
  for (const place of lattice) if (Math.hypot(place[0] - kept.at(-1)[0], place[1] - kept.at(-1)[1]) >= apart) kept.push(place);
  const last = lattice.at(-1);
  if (last[0] !== kept.at(-1)[0] || last[1] !== kept.at(-1)[1]) kept.push(last);
  return kept;
}
