const find = (selector) => element.querySelector(selector);
const [grid, detail, chart, verdict, notice, empty, body] = ['.tiles', '.detail', '.histogram', '.verdict', '.notice', '.empty', '.body'].map(find);
const slider = find('.wish input');
const BRIGHTER = [204, 121, 167]; // as --pg-grad
const DARKER = [54, 176, 240]; // seen on black and on white, and told from the pink without its hue
const signs = { brighter: true, darker: true };
let session = null;
let seed = 0;
let real = false;
let label = null;
let order = 'made';
let data = null; // the pictures shown, with their scores and gradients
let after = null; // what became of them
let spread = null;
let tiles = [];
let chosen = 0;

const digits = (number) => (number === null || number === undefined ? '–' : Math.abs(number) >= 1000 ? number.toExponential(1) : number.toFixed(2).replace(/^-/, '−'));
const place = () => ({ model: session, real, label, seed });
const withMoved = () => find('.moved').getAttribute('aria-pressed') === 'true';
const onShow = () => (withMoved() && after ? after : data);

function complain(sentence) {
  notice.hidden = !sentence;
  notice.textContent = sentence || '';
}

// signed bytes to colour: as opaque as the gradient is strong
function paintMap(canvas, index, both) {
  const { width, height } = data.sprite;
  [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext('2d');
  const picture = context.createImageData(width, height);
  const all = both || (!signs.brighter && !signs.darker);
  for (let n = 0; n < width * height; n++) {
    const strength = data.signed[index * width * height + n] / 127;
    if (!all && !(strength > 0 ? signs.brighter : signs.darker)) continue;
    picture.data.set([...(strength > 0 ? BRIGHTER : DARKER), Math.round(255 * Math.abs(strength) ** 0.6)], 4 * n);
  }
  context.putImageData(picture, 0, 0);
}

function makeTile(index) {
  const tile = make('button', { type: 'button', class: 'tile', 'data-index': index, tabindex: -1, onclick: () => choose(index, true) },
    make('span', { class: 'face' }, make('canvas', { class: 'picture', 'aria-hidden': 'true' }), make('canvas', { class: 'map', 'aria-hidden': 'true' })),
    make('span', { class: 'score' }));
  return tile;
}

function paintTile(tile, index) {
  const shown = onShow();
  const [score, norm, name] = [digits(shown.scores[index]), digits(data.norms[index]), data.labels[index]];
  drawTile(tile.querySelector('.picture'), shown.image, shown.sprite, index);
  paintMap(tile.querySelector('.map'), index);
  tile.querySelector('.score').replaceChildren(score, ...(name === undefined ? [] : [make('small', {}, ' ' + name)]));
  const sentence = fill(name === undefined ? words.tile : words.tile_class, { n: index + 1, score, norm, name });
  tile.title = sentence;
  tile.setAttribute('aria-label', sentence);
  tile.dataset.score = shown.scores[index];
  tile.dataset.norm = data.norms[index];
}

function arrange() {
  if (!data) return;
  const { scores } = onShow(); // one that is not a number sorts as 0
  const ways = { made: (a, b) => a - b, high: (a, b) => scores[b] - scores[a], low: (a, b) => scores[a] - scores[b], norm: (a, b) => data.norms[b] - data.norms[a] };
  grid.append(...tiles.map((_, index) => index).sort(ways[order]).map((index) => tiles[index]));
}

function drawTiles() {
  if (!data) return;
  if (tiles.length !== data.scores.length) {
    tiles = data.scores.map((_, index) => makeTile(index));
    grid.replaceChildren(...tiles);
  }
  chosen = Math.min(chosen, tiles.length - 1);
  tiles.forEach(paintTile);
  grid.classList.toggle('on', signs.brighter || signs.darker);
  element.dataset.painted = String(Number(element.dataset.painted || 0) + 1);
}

function choose(index, byHand) {
  chosen = index;
  tiles.forEach((tile, n) => {
    tile.classList.toggle('chosen', n === index);
    tile.setAttribute('aria-pressed', n === index);
    tile.tabIndex = n === index ? 0 : -1;
  });
  drawDetail();
  drawChart();
  if (byHand && window.innerWidth <= 700) detail.scrollIntoView({ block: 'nearest', behavior: 'smooth' });
}

const [first, second, third] = [[words.picture, ''], [words.gradient, words.gradient_help], [words.after, words.after_help]].map(([name, help]) => {
  const canvases = [make('canvas', { class: 'picture', role: 'img', 'aria-label': name }), make('canvas', { class: 'map', 'aria-hidden': 'true' })];
  const number = make('b');
  detail.append(make('figure', { title: help }, make('span', { class: name === words.gradient ? 'face under' : 'face' }, ...canvases), make('figcaption', {}, name, number)));
  return { canvases, number };
});

function drawDetail() {
  if (!data) return;
  drawTile(first.canvases[0], data.image, data.sprite, chosen);
  first.number.textContent = fill(words.number_score, { score: digits(data.scores[chosen]) });
  drawTile(second.canvases[0], data.image, data.sprite, chosen);
  paintMap(second.canvases[1], chosen, true);
  second.number.textContent = fill(words.number_norm, { norm: digits(data.norms[chosen]) });
  if (after) drawTile(third.canvases[0], after.image, after.sprite, chosen);
  third.number.textContent = after ? fill(words.number_score, { score: digits(after.scores[chosen]) }) : '';
  find('.wish output').textContent = after ? fill(words.distance, { length: digits(after.length) }) : '';
}

function drawChart() {
  const box = chart.getBoundingClientRect();
  if (!box.width || !spread) return;
  const ratio = window.devicePixelRatio || 1;
  chart.width = Math.round(box.width * ratio);
  chart.height = Math.round(box.height * ratio);
  const context = chart.getContext('2d');
  context.scale(ratio, ratio);
  const { edges } = spread;
  const marks = [data?.scores[chosen], spread.border].filter((score) => Number.isFinite(score));
  const [low, high] = [Math.min(edges[0], ...marks), Math.max(edges[edges.length - 1], ...marks)];
  const [left, right, top, floor] = [12, 12, 34, box.height - 20];
  const x = (score) => left + ((score - low) / (high - low || 1)) * (box.width - left - right);
  const tallest = Math.max(1, ...spread.real, ...spread.fake);
  context.font = '11px system-ui, sans-serif';
  for (const [counts, hue] of [[spread.real, '--pg-real'], [spread.fake, '--pg-fake']]) {
    context.fillStyle = context.strokeStyle = colour(hue);
    counts.forEach((count, n) => {
      const [from, to, height] = [x(edges[n]), x(edges[n + 1]), (count / tallest) * (floor - top)];
      context.globalAlpha = 0.5;
      context.fillRect(from, floor - height, to - from, height);
      context.globalAlpha = 1;
      if (count) context.fillRect(from, floor - height, to - from, 2);
    });
  }
  context.fillStyle = colour('--pg-soft');
  context.textAlign = 'center';
  for (const t of ticks(low, high, 6)) context.fillText(String(t).replace('-', '−'), x(t), box.height - 6);
  if (spread.border !== null) line(context, x(spread.border), 16, floor, words.border, '--pg-disc', [4, 3], box.width);
  if (Number.isFinite(data?.scores[chosen])) line(context, x(data.scores[chosen]), 30, floor, words.mark, '--pg-grad', [], box.width);
}

function line(context, at, top, floor, name, hue, dashes, width) {
  context.strokeStyle = context.fillStyle = colour(hue);
  context.lineWidth = 1.5;
  context.setLineDash(dashes);
  context.beginPath();
  context.moveTo(at, top - 2);
  context.lineTo(at, floor);
  context.stroke();
  context.setLineDash([]);
  const half = context.measureText(name).width / 2 + 3;
  context.fillText(name, Math.max(half, Math.min(width - half, at)), top - 5);
}

function drawSpread() {
  const count = Math.max(...[spread.real, spread.fake].map((counts) => counts.reduce((sum, n) => sum + n, 0)));
  find('.title span').textContent = fill(words.histogram, { count });
  const [realMean, fakeMean] = spread.means;
  const gap = realMean === null || fakeMean === null ? null : realMean - fakeMean;
  const sentences = [spread.note];
  if (spread.separation !== null) sentences.push(fill(words.separated, { share: Math.round(100 * spread.separation) }));
  if (gap !== null) sentences.push(fill(gap < 0 ? words.gap_less : words.gap_more, { gap: digits(Math.abs(gap)) }));
  verdict.textContent = sentences.filter(Boolean).join(' ');
  chart.dataset.given = JSON.stringify(spread);
  chart.setAttribute('aria-label', find('.title span').textContent + '. ' + verdict.textContent);
  drawChart();
}

async function moved(pictures) {
  const answer = await server.follow({ ...pictures.place, share: Number(slider.value) / 100 });
  if (answer.error) complain(answer.error);
  return answer.error ? null : { ...answer, image: await decode(answer.sprite) };
}

const askAfter = latest(async ({ settle }) => {
  if (!data) return;
  const asked = data;
  const answer = await moved(asked);
  if (asked !== data) return askAfter({}); // other pictures meanwhile
  after = answer;
  drawDetail();
  if (withMoved()) tiles.forEach(paintTile);
  if (withMoved() && settle) arrange(); // not while the slider moves: the pictures would jump about
});

const askSpread = latest(async () => {
  const answer = await server.spread({ model: session });
  if (answer.error) return complain(answer.error);
  spread = answer;
  drawSpread();
});

const ask = latest(async ({ refusal = '' }) => {
  const wanted = place();
  const answer = await server.tiles(wanted);
  if (JSON.stringify(wanted) !== JSON.stringify(place())) return; // asked again meanwhile
  if (answer.error) return refused(answer.error);
  complain(refusal);
  const signed = new Int8Array(Uint8Array.from(atob(answer.maps), (byte) => byte.charCodeAt(0)).buffer);
  const next = { ...answer, signed, place: wanted, image: await decode(answer.sprite) };
  [after, data] = [withMoved() ? await moved(next) : null, next];
  offer(answer.classes);
  drawTiles();
  arrange();
  choose(chosen);
  if (!after) askAfter({});
});

// what was asked for cannot be: back to fakes of every class, which always can
function refused(sentence) {
  complain(sentence);
  if (!real && label === null) return;
  [real, label] = [false, null];
  reflect();
  ask({ refusal: sentence });
}

function offer(names) {
  const picker = find('.class');
  picker.hidden = !names.length;
  if (picker.dataset.names === names.join('\n')) return;
  picker.dataset.names = names.join('\n');
  picker.replaceChildren(make('option', { value: '' }, words.all), ...names.map((name, n) => make('option', { value: n }, name)));
  picker.value = label ?? '';
}

function reflect() {
  find('.fakes').setAttribute('aria-pressed', !real);
  find('.reals').setAttribute('aria-pressed', real);
  find('.class').value = label ?? '';
}

function show(kind) {
  real = kind;
  complain('');
  reflect();
  ask({});
}

function toggle(name) {
  const button = find('.' + name);
  const on = button.getAttribute('aria-pressed') !== 'true';
  button.setAttribute('aria-pressed', on);
  if (name in signs) signs[name] = on;
  drawTiles();
  if (name === 'moved') arrange();
}

const legend = (name, text, help, swatch) =>
  make('button', { type: 'button', class: name, title: help, 'aria-pressed': String(name in signs), onclick: () => toggle(name) }, swatch ? make('i', { style: `--swatch:rgb(${swatch})` }) : null, text);
find('.legend').append(legend('brighter', words.brighter, words.brighter_help, BRIGHTER), legend('darker', words.darker, words.darker_help, DARKER), legend('moved', words.moved, words.moved_help));
find('.which').append(
  make('button', { type: 'button', class: 'fakes', title: words.fakes_help, 'aria-pressed': 'true', onclick: () => show(false) }, words.fakes),
  make('button', { type: 'button', class: 'reals', title: words.reals_help, 'aria-pressed': 'false', onclick: () => show(true) }, words.reals));
const sorts = { made: words.sort_made, high: words.sort_high, low: words.sort_low, norm: words.sort_norm };
find('.sort').append(words.sort + ' ', make('select', { onchange: (event) => { order = event.target.value; arrange(); } }, ...Object.entries(sorts).map(([value, text]) => make('option', { value }, text))));
const others = find('.others');
[others.textContent, others.title] = [words.others, words.others_help];
others.addEventListener('click', () => { seed = Math.floor(Math.random() * 1e6); ask({}); });
const picker = find('.class');
picker.title = words.class_help;
picker.setAttribute('aria-label', words.class_help);
picker.addEventListener('change', () => { label = picker.value === '' ? null : Number(picker.value); ask({}); });
find('.wish span').textContent = words.wish;
find('.wish').title = words.wish_help;
slider.addEventListener('input', () => askAfter({ settle: false }));
slider.addEventListener('change', () => askAfter({ settle: true }));
find('.title').title = words.histogram_help;
find('.title').append(make('span'), make('span', {}, make('span', { class: 'real' }, '■ ' + words.reals.toLowerCase()), ' ', make('span', { class: 'fake' }, '■ ' + words.fakes.toLowerCase())));
chart.title = words.border_help;
find('.intro').textContent = words.intro;
grid.addEventListener('keydown', (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -6, ArrowDown: 6 }[event.key];
  const place = [...grid.children].indexOf(event.target);
  const next = grid.children[place + step];
  if (!step || !next) return;
  event.preventDefault();
  choose(Number(next.dataset.index));
  next.focus();
});
new ResizeObserver(drawChart).observe(chart);
new MutationObserver(drawChart).observe(document.body, { attributes: true, attributeFilter: ['class'] });

keepUp(async (visitor) => {
  session = visitor.session;
  body.hidden = find('.bar').hidden = !visitor.model;
  empty.hidden = visitor.model;
  empty.textContent = words.untrained;
  if (!visitor.model) {
    [data, after, spread, label] = [null, null, null, null];
    return;
  }
  await ask({});
  await askSpread({});
});
