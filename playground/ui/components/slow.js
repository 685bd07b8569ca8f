const find = (selector) => element.querySelector(selector);
const node = (name) => find(`[data-node="${name}"]`);
const HUES = { generator: '--pg-fake', discriminator: '--pg-disc', gradient: '--pg-grad' };
const SHOWN = 8;
const SLOWEST = 4000; // milliseconds that a moment stays
const FASTEST = 150;
// what is lit at each moment: parts, and the wires along which something runs
const LIT = {
  round: [['fakes', 'reals', 'd', 'scores'], ['fakes>d', 'reals>d', 'd>scores']],
  sample: [['z'], []],
  generate: [['z', 'g', 'fakes'], ['z>g', 'g>fakes']],
  score: [['fakes', 'reals', 'd', 'scores'], ['fakes>d', 'reals>d', 'd>scores']],
  gradient_discriminator: [['scores', 'd'], ['scores<d']],
  update_discriminator: [['d'], []],
  score_again: [['fakes', 'reals', 'd', 'scores'], ['fakes>d', 'reals>d', 'd>scores']],
  score_fakes: [['fakes', 'd', 'scores'], ['fakes>d', 'd>scores']],
  gradient_pixels: [['scores', 'd', 'fakes'], ['scores<d', 'd<fakes']],
  gradient_generator: [['fakes', 'g'], ['fakes<g']],
  update_generator: [['g'], []],
  generate_again: [['z', 'g', 'fakes', 'd', 'scores'], ['z>g', 'g>fakes', 'fakes>d', 'd>scores']],
};
const WIRES = ['z>g', 'g>fakes', 'fakes>d', 'reals>d', 'd>scores', 'scores<d', 'd<fakes', 'fakes<g'];
const GRADIENTS = [-6, 1]; // decades of the bars
const SHARES = [-5, 0];
const HEAD = 16; // pixels above the histogram, for what the border parts
const EMPTY = { fakes: null, reals: null, gradient: {}, shares: {}, numbers: {} };

let session = null;
let data = null; // the step that is shown
let base = EMPTY; // what was on the screen when it began
let index = 0;
let timer = null;
let playing = false; // step after step
let asking = false;
let training = false;
let changed = false; // the first tab has not seen our steps yet
let course = null;
let preview = null; // the stages of the networks before any step
let tally = { step: 0, samples_seen: 0 };

const dwell = () => SLOWEST * (FASTEST / SLOWEST) ** (Number(find('.speed input').value) / 100);
const signed = (number) => {
  const size = Math.abs(number);
  const digits = size >= 10 ? size.toFixed(1) : size >= 0.095 || size === 0 ? size.toFixed(2) : size >= 1e-4 ? size.toPrecision(2) : size.toExponential(0);
  return (number < 0 ? '−' : '+') + digits.replace('-', '−');
};
const brief = (number) => (number === 0 ? '0' : Math.abs(number) >= 1000 || Math.abs(number) < 0.001 ? number.toExponential(0) : String(Number(number.toPrecision(2))));
const exact = (number) => (Math.abs(number) < 0.01 && number !== 0 ? brief(number) : number.toFixed(3)).replaceAll('-', '−');
const percent = (number) => Math.round(number * 100) + '%';

// What has been seen of the step up to its moment `last`, on top of what was there before.
function fold(last) {
  const seen = { ...base, gradient: {}, shares: {}, wish: null, change: null, ghost: null };
  data.substeps.slice(0, last + 1).forEach(({ name, numbers, series, pictures }) => {
    if (series.latents) seen.latents = series.latents;
    if (pictures.fake) Object.assign(seen, { fakes: pictures.fake, fakeScores: null, wish: null });
    if (pictures.real) seen.reals = pictures.real;
    if (name === 'score_again') seen.ghost = seen.fakeScores;
    if (name === 'generate_again') seen.ghost = seen.lastFake;
    if (series.logit_real) seen.realScores = series.logit_real;
    if (series.logit_fake) seen.fakeScores = seen.lastFake = series.logit_fake;
    seen.wish = pictures.wish ?? (name === 'gradient_generator' ? seen.wish : null);
    seen.change = pictures.change ?? null;
    const network = name.split('_')[1];
    if (series.lengths) seen.gradient = { ...seen.gradient, [network]: series.lengths };
    if (series.shares) seen.shares = { ...seen.shares, [network]: series.shares };
    const said = { ...seen.numbers };
    for (const key of ['real', 'fake', 'right', 'separation']) if (key in numbers) said[key] = numbers[key];
    if (name === 'gradient_discriminator' || name === 'round') said.loss_d = numbers.loss;
    if (name === 'gradient_pixels') said.loss_g = numbers.loss;
    if (['generate_again', 'score_fakes'].includes(name)) said.right = said.separation = null;
    seen.numbers = said;
  });
  return seen;
}

// ---------------------------------------------------------------- the parts

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

async function paintTiles(name, sprite, scores, seen = {}) {
  const tiles = [...node(name).querySelectorAll('.tile')];
  const image = await decode(sprite);
  const wish = await decode(seen.wish);
  const change = await decode(seen.change);
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

// ---------------------------------------------------------------- one moment

function paintDots() {
  const list = find('.dots');
  const moments = data?.substeps ?? [];
  list.replaceChildren(...moments.map(({ name, actor }, n) =>
    make('li', { class: (n < index ? 'past ' : '') + 'long', style: `--hue:var(${HUES[actor]})` },
      make('button', { type: 'button', title: words['title_' + name], 'aria-label': fill(words.dot, { number: n + 1, title: words['title_' + name] }), 'aria-current': n === index ? 'step' : null, onclick: () => goTo(n) }, make('b', {}, n + 1), make('span', {}, words['title_' + name])))));
  if (!moments.length) list.append(make('li', { class: 'keys' }, words.keys));
}

function show() {
  const moment = data?.substeps[index];
  const [parts, wires] = moment ? LIT[moment.name] : [[], []];
  const hue = moment ? `var(${HUES[moment.actor]})` : '';
  const seen = data ? fold(index) : base;
  element.dataset.moment = moment?.name ?? '';
  element.dataset.index = index;
  const diagram = find('.diagram');
  diagram.classList.toggle('moving', Boolean(moment));
  diagram.style.setProperty('--hue', hue);
  element.querySelectorAll('.node').forEach((part) => part.classList.toggle('lit', parts.includes(part.dataset.node)));
  paintDots();
  paintLatents(seen.latents);
  paintTiles('fakes', seen.fakes, seen.fakeScores, seen);
  paintTiles('reals', seen.reals, seen.realScores);
  paintBars('g', 'generator', seen);
  paintBars('d', 'discriminator', seen);
  paintNumbers(seen.numbers);
  paintScores(seen);
  paintWires(wires, hue);
  node('fakes').querySelector('small').textContent = seen.wish ? words.wish_legend : seen.change ? words.fakes_after : '';
  if (moment) caption(moment.caption);
}

function caption(sentence, bad = false) {
  find('.caption').textContent = sentence;
  find('.caption').classList.toggle('bad', bad);
}

// ---------------------------------------------------------------- time

function halt() {
  clearTimeout(timer);
  timer = null;
  playing = false;
  buttons();
}

function goOn() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (!shown()) return halt();
    if (index + 1 < data.substeps.length) {
      index += 1;
      show();
      goOn();
    } else if (playing) take('both');
    else halt();
  }, dwell());
  buttons();
}

function goTo(moment) {
  if (!data) return;
  halt();
  index = Math.max(0, Math.min(data.substeps.length - 1, moment));
  show();
}

async function take(turn, fresh = false) {
  if (asking || !session) return;
  clearTimeout(timer);
  timer = null;
  asking = true;
  buttons();
  const late = setTimeout(() => caption(words.waiting), 400);
  const answer = await server.step({ model: session, turn, fresh }).catch((error) => ({ error: String(error) }));
  clearTimeout(late);
  asking = false;
  if (answer.error) {
    halt();
    return caption(answer.error, true);
  }
  base = data && !fresh ? fold(data.substeps.length - 1) : EMPTY;
  data = answer;
  index = 0;
  changed = true;
  count(answer);
  find('.note').textContent = words.from_own;
  find('.fresh').hidden = false;
  element.dataset.taken = Number(element.dataset.taken || 0) + 1;
  if (!shown()) return leave(); // it came too late: the visitor has gone to another tab
  show();
  goOn();
}

// The first tab is told what has become of the model.
function leave() {
  halt();
  if (changed) trigger('left', {});
  changed = false;
}

function play() {
  if (playing || timer) return halt();
  playing = true;
  if (data && index + 1 < data.substeps.length) goOn();
  else take('both');
}

function count(answer) {
  tally = answer;
  course = answer.curve;
  element.dataset.step = answer.step;
  find('.counted').textContent = fill(words.counted, { step: answer.step.toLocaleString('en'), samples: answer.samples_seen.toLocaleString('en') });
  paintCourse();
}

function buttons() {
  const idle = !asking && !training && Boolean(session);
  element.querySelectorAll('.buttons button:not(.play), .fresh').forEach((button) => (button.disabled = !idle));
  const button = find('.play');
  button.disabled = training || !session;
  button.textContent = playing || timer ? words.pause : words.play;
  button.setAttribute('aria-pressed', Boolean(playing || timer));
}

function paintCourse() {
  const [context, wide, high] = prepared(find('.course canvas'));
  const known = course?.separation.length ?? 0;
  if (!wide) return;
  context.strokeStyle = colour('--pg-line');
  context.strokeRect(0.5, 0.5, wide - 1, high - 1);
  if (!known) {
    context.fillStyle = colour('--pg-soft');
    context.textAlign = 'center';
    return context.fillText(words.curve_empty, wide / 2, high / 2 + 4);
  }
  const losses = [...course.loss_discriminator, ...course.loss_generator].filter((value) => value !== null);
  const range = [Math.min(0, ...losses), Math.max(...losses, 1e-6)];
  const line = (values, [low, top], hue) => {
    context.strokeStyle = context.fillStyle = colour(hue);
    context.lineWidth = 1.8;
    context.beginPath();
    values.forEach((value, n) => {
      if (value === null) return;
      const x = known > 1 ? 5 + (n / (known - 1)) * (wide - 10) : wide / 2;
      const y = high - 5 - ((value - low) / (top - low || 1)) * (high - 10);
      context.lineTo(x, y);
      if (known < 12 || (values[n - 1] ?? null) === null) context.fillRect(x - 2, y - 2, 4, 4); // a line of one point
    });
    context.stroke();
  };
  line(course.loss_discriminator, range, '--pg-disc');
  line(course.loss_generator, range, '--pg-fake');
  line(course.separation, [0, 1], '--pg-real');
}

// ---------------------------------------------------------------- beginnings

function title(name, text, help = null) {
  node(name).querySelector('h3').append(make('span', {}, text), make('small'));
  if (help) node(name).title = help;
}
title('z', words.z, words.z_help);
title('g', words.g, words.bars_help);
title('fakes', words.fakes);
title('reals', words.reals);
title('d', words.d, words.bars_help);
title('scores', words.scores, words.scores_help);
element.querySelectorAll('.tiles').forEach((board) => {
  for (let n = 0; n < SHOWN; n++) board.append(make('div', { class: 'tile' }, make('b'), make('canvas', { width: 8, height: 8 }), make('span')));
});
find('.buttons').append(
  ...['both', 'discriminator', 'generator'].map((turn) => make('button', { type: 'button', class: turn, title: words[turn + '_help'], onclick: () => { playing = false; take(turn); } }, words[turn])),
  make('button', { type: 'button', class: 'play', title: words.play_help, onclick: play }, words.play),
);
find('.dots').setAttribute('aria-label', words.dots);
find('.speed span').textContent = words.speed;
find('.speed').title = words.speed_help;
find('.speed input').setAttribute('aria-label', words.speed);
find('.speed input').addEventListener('input', () => timer && goOn());
find('.fresh').textContent = words.fresh;
find('.fresh').title = words.fresh_help;
find('.fresh').addEventListener('click', () => { playing = false; take('both', true); });
find('.course').title = words.curve;
find('.legend').append(
  make('b', { style: 'color:var(--pg-real-text)' }, words.separation), make('b', { style: 'color:var(--pg-disc-text)' }, words.loss_d), make('b', { style: 'color:var(--pg-fake-text)' }, words.loss_g));

keepUp(latest(async (visitor) => {
  const answer = await server.start({ model: visitor.session });
  if (answer.error) return caption(answer.error, true);
  if (visitor.session !== session || answer.step !== tally.step || answer.samples_seen !== tally.samples_seen) {
    halt();
    data = null; // what was shown is of another model, or has been trained on
    base = EMPTY;
    index = 0;
  }
  session = visitor.session;
  preview = answer;
  count(answer);
  find('.note').textContent = answer.note;
  find('.fresh').hidden = answer.kind === 'noise'; // that is where they start anyway
  buttons();
  show();
  if (!data) caption(answer.obstacle || (training ? words.training : words.ready), Boolean(answer.obstacle));
}));

hear('training', (on) => {
  if (training === on) return;
  training = on;
  if (on) {
    halt();
    caption(words.training);
  }
  buttons();
});

document.addEventListener('keydown', (event) => {
  if (!shown() || event.altKey || event.ctrlKey || event.metaKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
  if (event.key === 'ArrowLeft') goTo(index - 1);
  if (event.key === 'ArrowRight') goTo(index + 1);
});
new ResizeObserver(() => {
  if (shown()) return show();
  leave();
}).observe(find('.diagram'));
new MutationObserver(() => shown() && show()).observe(document.body, { attributes: true, attributeFilter: ['class'] });
training = Boolean(bus.visitor?.training);
buttons();
show();
