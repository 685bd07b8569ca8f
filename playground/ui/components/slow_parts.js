// How the parts of slow motion are drawn: pictures, bars, scores, wires. Put before `slow.js`, in the same function:
// `data` is the step on the screen, `index` its moment, `preview` what is known before any step.
const find = (selector) => element.querySelector(selector);
const node = (name) => find(`[data-node="${name}"]`);
const GRADIENTS = [-6, 1]; // decades of the bars
const SHARES = [-5, 0];
const HEAD = 16; // pixels above the histogram, for what the border parts
const WIRES = ['z>g', 'g>fakes', 'fakes>d', 'reals>d', 'd>scores', 'scores<d', 'd<fakes', 'fakes<g'];

const signed = (number) => {
  const size = Math.abs(number);
  const digits = size >= 10 ? size.toFixed(1) : size >= 0.0095 || size === 0 ? size.toFixed(2) : size >= 1e-4 ? size.toPrecision(2) : size.toExponential(0);
  return (number < 0 ? '−' : '+') + digits.replace('-', '−');
};
const brief = (number) => (number === 0 ? '0' : Math.abs(number) >= 1000 || Math.abs(number) < 0.001 ? number.toExponential(0) : String(Number(number.toPrecision(2))));
const exact = (number) => (Math.abs(number) < 0.01 && number !== 0 ? brief(number) : number.toFixed(3)).replaceAll('-', '−');
const percent = (number) => Math.round(number * 100) + '%';

// Lay a map over a picture: 128 is nothing, more is `bright`, less is `dark`.
function tint(context, map, image, position, bright, dark) {
  const side = document.createElement('canvas');
  drawTile(side, image, map, position);
  const pixels = side.getContext('2d').getImageData(0, 0, map.width, map.height);
  for (let n = 0; n < pixels.data.length; n += 4) {
    const level = (pixels.data[n] - 128) / 127;
    pixels.data.set(level > 0 ? bright : dark, n);
    pixels.data[n + 3] = 255 * Math.min(1, Math.abs(level)) ** 0.7;
  }
  side.getContext('2d').putImageData(pixels, 0, 0);
  context.drawImage(side, 0, 0);
}

const wanted = {}; // what each group of pictures was last asked to show

async function paintTiles(name, sprite, scores, seen = {}) {
  const tiles = [...node(name).querySelectorAll('.tile')];
  const ours = (wanted[name] = {});
  const image = await decode(sprite);
  const wish = await decode(seen.wish);
  const change = await decode(seen.change);
  if (wanted[name] !== ours) return; // the next moment came while these were decoded
  tiles.forEach((tile, n) => {
    const canvas = tile.querySelector('canvas');
    const context = canvas.getContext('2d');
    context.clearRect(0, 0, canvas.width, canvas.height);
    if (!image || n >= sprite.count) return;
    drawTile(canvas, image, sprite, n);
    if (wish) {
      context.fillStyle = colour('--pg-panel');
      context.globalAlpha = 0.75; // the picture stays as a shadow under the map
      context.fillRect(0, 0, canvas.width, canvas.height);
      context.globalAlpha = 1;
      tint(context, seen.wish, wish, n, [214, 92, 160], [88, 60, 140]);
    }
    if (change) tint(context, seen.change, change, n, [230, 159, 0], [160, 90, 0]);
    const label = (name === 'fakes' && data?.labels[n]) || '';
    const score = scores?.[n];
    tile.querySelector('span').textContent = score === undefined || score === null ? '' : signed(score);
    tile.querySelector('b').textContent = tile.title = label;
  });
}

function paintLatents(latents) {
  const canvas = find('.latents');
  if (!latents) return void (canvas.width = canvas.width);
  canvas.width = latents[0].length;
  canvas.height = latents.length;
  const context = canvas.getContext('2d');
  latents.forEach((row, y) => row.forEach((value, x) => {
    context.globalAlpha = Math.min(1, Math.abs(value) / 2.5);
    context.fillStyle = value < 0 ? '#0072B2' : '#E69F00';
    context.fillRect(x, y, 1, 1);
  }));
}

const width = (value, [low, high]) => (value > 0 ? 100 * Math.max(0.02, Math.min(1, (Math.log10(value) - low) / (high - low))) : 0);

function paintBars(name, network, seen) {
  const board = node(name).querySelector('.bars');
  const stages = (data ?? preview)?.stages[network] ?? [];
  if (board.dataset.stages !== stages.join('\n')) {
    board.dataset.stages = stages.join('\n');
    const rows = stages.flatMap((stage) => [
      make('span', { class: 'name', title: stage }, stage),
      make('span', { class: 'pair' }, make('i', {}, make('u')), make('i', {}, make('u'))),
      make('span', { class: 'value' }),
    ]);
    const key = make('span', { class: 'key' }, make('b', { style: 'color:var(--pg-grad)' }, '▬ ' + words.gradient), make('b', { style: 'color:var(--own)' }, '▬ ' + words.update));
    board.replaceChildren(...rows, ...(rows.length ? [key] : []));
  }
  const lengths = seen.gradient[network];
  const shares = seen.shares[network];
  board.querySelectorAll('.pair').forEach((pair, n) => {
    const [gradient, update] = pair.querySelectorAll('u');
    gradient.style.width = width(lengths?.[n], GRADIENTS) + '%';
    update.style.width = width(shares?.[n], SHARES) + '%';
  });
  const moment = data?.substeps[index].name ?? '';
  board.querySelectorAll('.value').forEach((cell, n) => {
    const updating = shares && moment !== 'gradient_' + network;
    cell.textContent = updating ? brief(100 * shares[n]) + '%' : lengths ? brief(lengths[n]) : '';
  });
}

function prepared(canvas) {
  const box = canvas.getBoundingClientRect();
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(box.width * ratio);
  canvas.height = Math.round(box.height * ratio);
  const context = canvas.getContext('2d');
  context.scale(ratio, ratio);
  context.font = '11px system-ui, sans-serif';
  return [context, box.width, box.height];
}

// one axis for the whole step, so that what moves is the scores
function axis() {
  const rounds = data.substeps[index].name === 'round'; // rounds of D may lie far from where it ends
  const all = data.substeps.filter(({ name }) => (name === 'round') === rounds).flatMap(({ series }) => [...(series.logit_real ?? []), ...(series.logit_fake ?? [])]).filter((score) => score !== null);
  if (data.border !== null) all.push(data.border);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const margin = (high - low) * 0.06 || 0.5;
  return [low - margin, high + margin];
}

function histogram(scores, low, high, count = 26) {
  const bins = new Array(count).fill(0);
  for (const score of scores ?? []) if (score !== null) bins[Math.max(0, Math.min(count - 1, Math.floor(((score - low) / (high - low)) * count)))] += 1;
  return bins;
}

function paintScores(seen) {
  const [context, wide, high] = prepared(find('.spread'));
  if (!wide || !data) return;
  const [low, top] = axis();
  const middle = HEAD + (high - 14 - HEAD) / 2;
  const x = (score) => ((score - low) / (top - low)) * wide;
  const real = histogram(seen.realScores, low, top);
  const fake = histogram(seen.fakeScores, low, top);
  const ghost = histogram(seen.ghost, low, top);
  const most = Math.max(...real, ...fake, ...ghost, 1);
  const slot = wide / real.length;
  const scale = (middle - HEAD - 4) / most;
  const bars = (bins, side, hue, outline) => bins.forEach((count, n) => {
    if (!count) return;
    const tall = Math.max(2, count * scale);
    context[outline ? 'strokeStyle' : 'fillStyle'] = colour(hue);
    context[outline ? 'strokeRect' : 'fillRect'](n * slot + 1, side > 0 ? middle - tall : middle + 1, slot - 2, tall);
  });
  context.lineWidth = 1;
  bars(real, 1, '--pg-real');
  bars(fake, -1, '--pg-fake');
  context.setLineDash([2, 2]);
  bars(ghost, -1, '--pg-soft', true);
  context.strokeStyle = colour('--pg-soft');
  context.setLineDash([]);
  context.strokeRect(0, middle, wide, 0.5);
  context.fillStyle = colour('--pg-soft');
  context.fillText(signed(low), 0, high - 2);
  context.textAlign = 'right';
  context.fillText(signed(top), wide, high - 2);
  if (data.border !== null) paintBorder(context, x(data.border), wide, high);
}

function paintBorder(context, x, wide, high) {
  context.setLineDash([5, 4]);
  context.strokeStyle = colour('--pg-disc');
  context.lineWidth = 2;
  context.beginPath();
  context.moveTo(x, 0);
  context.lineTo(x, high - 12);
  context.stroke();
  if (x > 50) context.fillText(words.says_fake, x - 5, 11);
  if (x > 60 && x < wide - 60) context.fillText(String(data.border), x + 4, high - 2);
  context.textAlign = 'left';
  if (x < wide - 50) context.fillText(words.says_real, x + 5, 11);
}

function paintNumbers(numbers) {
  const rows = [
    [words.real_mean, numbers.real, signed, '--pg-real-text'], [words.fake_mean, numbers.fake, signed, '--pg-fake-text'],
    [words.right, numbers.right, percent, ''], [words.separation, numbers.separation, percent, ''],
    [words.loss_d, numbers.loss_d, exact, '--pg-disc-text'], [words.loss_g, numbers.loss_g, exact, '--pg-fake-text'],
  ];
  find('.numbers').replaceChildren(...rows.map(([name, value, write, hue]) =>
    make('div', { title: name === words.separation ? words.separation_help : null }, make('dt', {}, name), make('dd', { style: hue && `color:var(${hue})` }, value === undefined || value === null ? '–' : write(value)))));
}

// ---------------------------------------------------------------- wires, from the boxes as they lie

function ends(from, to, back) {
  const frame = find('.diagram').getBoundingClientRect();
  const [a, b] = [from, to].map((name) => node(name).getBoundingClientRect());
  const lane = back ? 16 : -6;
  const across = a.right <= b.left ? 1 : b.right <= a.left ? -1 : 0;
  if (across) {
    const shared = [Math.max(a.top, b.top), Math.min(a.bottom, b.bottom)];
    const level = shared[0] < shared[1] ? (shared[0] + shared[1]) / 2 + lane : null;
    const y = (box) => (level ?? box.top + box.height / 2 + lane) - frame.top;
    return [(across > 0 ? a.right : a.left) - frame.left, y(a), (across > 0 ? b.left : b.right) - frame.left, y(b), true];
  }
  const down = a.bottom <= b.top;
  const middle = (Math.max(a.left, b.left) + Math.min(a.right, b.right)) / 2 - frame.left + lane;
  return [middle, (down ? a.bottom : a.top) - frame.top, middle, (down ? b.top : b.bottom) - frame.top, false];
}

function paintWires(lit, hue) {
  const paths = WIRES.flatMap((wire) => {
    const back = wire.includes('<');
    const [x1, y1, x2, y2, level] = ends(...wire.split(/[<>]/), back);
    const [dx, dy] = level ? [Math.sign(x2 - x1), 0] : [0, Math.sign(y2 - y1)];
    const [tx, ty] = [x2 - dx * 9, y2 - dy * 9];
    const bend = level ? `C ${(x1 + tx) / 2} ${y1} ${(x1 + tx) / 2} ${ty}` : `C ${x1} ${(y1 + ty) / 2} ${tx} ${(y1 + ty) / 2}`;
    const kind = `${back ? 'back' : 'forth'}${lit.includes(wire) ? ' lit' : ''}`;
    const head = `M ${x2} ${y2} L ${tx - dy * 6} ${ty - dx * 6} L ${tx + dy * 6} ${ty + dx * 6} Z`;
    const own = back ? 'var(--pg-grad)' : wire.startsWith('reals') ? 'var(--pg-real)' : wire === 'fakes>d' ? 'var(--pg-fake)' : hue;
    return [`<path class="${kind}" style="--hue:${own}" d="M ${x1} ${y1} ${bend} ${tx} ${ty}"/>`, `<path class="${kind} head" style="--hue:${own}" d="${head}"/>`];
  });
  find('.wires').innerHTML = paths.join('');
}
