const find = (selector) => element.querySelector(selector);
const [picture, panels, equation, readout, verdict, notice, note, steppers] =
  ['.picture', '.panels', '.equation', '.readout', '.verdict', '.notice', '.note', '.steppers'].map(find);
const VIEWS = ['scatter', 'zeros', 'overlap', 'matrix', 'conv', 'spectra'];
const RANGES = { size: [1, 4], kernel: [1, 5], stride: [1, 3], padding: [0, 3], output_padding: [0, 2], dilation: [1, 2] };
const PAUSES = { slow: 1400, normal: 650, fast: 160 }; // milliseconds a step
const settings = { size: 3, kernel: 3, stride: 2, padding: 0, output_padding: 0, dilation: 1 };
const typed = { input: null, weight: null };
const channel = { in: null, out: null };
const at = { scatter: Infinity, zeros: Infinity, conv: Infinity }; // steps done
let source = 'sandbox';
let seed = 0;
let view = 'scatter';
let data = null; // what the server last showed, unpacked
let block = null; // the frames of the scatter view at hand
let pixel = null; // { view: 'up' | 'down', y, x } that was clicked, and its answer
let timer = null;
let glide = 1; // how far the stamp or window has come on its way, 0 to 1
let stale = false;
let listDue = true; // which layers there are is asked when the model is another

const spectra = makeSpectra(find('.spectra'));

const asked = (extra = {}) => ({ model: bus.visitor?.session, source, seed, in: channel.in, out: channel.out, ...settings, ...typed, ...extra });
const isSandbox = () => source === 'sandbox';
const moving = () => (view in at ? view : 'scatter');
const walkLength = (name) => (name === 'scatter' ? cells(data.small) : cells(name === 'zeros' ? data.up : data.down));
const cells = ({ shape }) => shape[0] * shape[1];
const stepOf = (name) => Math.min(at[name], walkLength(name));
const split = (n, columns) => [Math.floor(n / columns), n % columns];

function complain(sentence) {
  notice.hidden = !sentence;
  notice.textContent = sentence || '';
}

// ---------------------------------------------------------------- one value as a sum

function choose(way, { y, x }) {
  pause();
  at.scatter = at.zeros = at.conv = Infinity;
  pixel = { view: way, y, x, pair: { terms: [] } };
  redraw();
  askPixel(pixel);
}

const pickRow = (row) => { const [y, x] = split(row, data.up.shape[1]); choose('up', { y, x }); };

const askPixel = latest(async (wanted) => {
  const answer = await server.pixel(asked({ view: wanted.view, y: wanted.y, x: wanted.x }));
  if (pixel !== wanted) return;
  if (answer.error) return complain(answer.error);
  Object.assign(pixel, answer);
  drawEquation();
  redraw();
});

function drawEquation() {
  if (!pixel?.pair || pixel.pair.value === undefined || !['scatter', 'zeros', 'overlap', 'matrix', 'conv'].includes(view) || (pixel.view === 'down') !== (view === 'conv')) return equation.replaceChildren(make('p', { class: 'rest' }, view === 'spectra' ? '' : words.pick));
  const rows = [sumOf(pixel.pair, pixel.whole ? fill(words.this_pair, channelNames()) : fill(words.place, { y: pixel.y + 1, x: pixel.x + 1 }), 'one')];
  if (pixel.whole) rows.push(sumOf(pixel.whole, fill(words.all_channels, { count: data.channels[0], out: data.channel[1] }), 'whole'));
  equation.replaceChildren(...rows);
}

const channelNames = () => ({ in: data.channel[0], out: data.channel[1] });

function sumOf({ terms, more, rest, bias, value, shown: given }, name, kind) {
  const signed = (number) => (number < 0 ? `(${digits(number)})` : digits(number));
  const nodes = terms.flatMap(([from, y, x, input, ky, kx, weight, product], n) => [n ? ' + ' : '',
    make('span', { class: 'term', 'data-product': product, title: fill(words.term, { channel: from, y: y + 1, x: x + 1, ky: ky + 1, kx: kx + 1, product: digits(product, 6) }) },
      make('span', { class: 'in' }, signed(input)), '×', make('span', { class: 'k' }, signed(weight)))]);
  if (!terms.length) nodes.push('0');
  if (more) nodes.push(' + ', make('span', { class: 'rest', 'data-product': rest }, fill(words.rest, { more, rest: digits(rest) })));
  if (bias) nodes.push(' + ', make('span', { class: 'rest', 'data-product': bias }, fill(words.bias, { bias: digits(bias) })));
  const sum = make('span', { class: 'sum', title: fill(words.torch, { value: digits(given, 7) }) }, ' = ' + digits(value, 4));
  return make('p', { class: kind, 'data-cell': `${pixel.y},${pixel.x}`, 'data-value': value, 'data-shown': given }, make('span', { class: 'name' }, name + ' '), ...nodes, sum);
}

// ---------------------------------------------------------------- controls

function edit(what, { y, x, value }, { figure, canvas, cell }) {
  if (!isSandbox()) return what === 'input' ? go(y * data.small.shape[1] + x + 1).then(() => { redraw(); explain(); }) : undefined;
  pause();
  const size = Math.max(cell, 32);
  const field = make('input', { class: 'edit', type: 'number', step: 'any', value, 'aria-label': words.edit, style: `left:${canvas.offsetLeft + (x + 0.5) * cell - size / 2}px; top:${canvas.offsetTop + (y + 0.5) * cell - size / 2}px; width:${size}px; height:${size}px` });
  let over = false;
  const done = (keep) => {
    if (over) return; // taking the field away blurs it
    over = true;
    field.remove();
    const number = Number(field.value);
    if (!keep || field.value === '' || number === value) return;
    typed.input ??= [...data.small.values];
    typed.weight ??= [...data.kernel.values];
    typed[what][y * (what === 'input' ? data.small : data.kernel).shape[1] + x] = number;
    ask({});
  };
  field.addEventListener('keydown', (event) => { if (event.key === 'Enter') done(true); if (event.key === 'Escape') done(false); });
  field.addEventListener('blur', () => done(true));
  figure.append(field);
  field.select();
  field.focus();
}

function makeSteppers() {
  const nodes = Object.entries(RANGES).map(([name, [low, high]]) => {
    const output = make('output', { 'data-setting': name }, settings[name]);
    const change = (by) => make('button', { type: 'button', title: words['help_' + name], 'aria-label': words['name_' + name] + (by > 0 ? ' +' : ' −'), onclick: () => set(name, Math.max(low, Math.min(high, settings[name] + by))) }, by > 0 ? '+' : '−');
    return make('span', { class: 'stepper', title: words['help_' + name] }, make('span', {}, words['name_' + name]), change(-1), output, change(1));
  });
  steppers.replaceChildren(...nodes);
}

// a sandbox that cannot be goes back to the one before
function set(name, value) {
  if (value === settings[name]) return;
  const before = { ...settings };
  settings[name] = value;
  if (name === 'stride') settings.output_padding = Math.min(settings.output_padding, value - 1);
  if (name === 'size') typed.input = null;
  if (name === 'kernel') typed.weight = null;
  ask({ before });
}

function makeBar() {
  find('.views').replaceChildren(...VIEWS.map((name) => make('button', { type: 'button', 'data-view': name, title: words['show_' + name], onclick: () => turnTo(name) }, words['view_' + name])));
  const button = (name, title, text, act) => make('button', { type: 'button', class: name, title, onclick: act }, text);
  const speeds = make('select', { title: words.speed }, ...Object.keys(PAUSES).map((name) => make('option', { value: name, selected: name === 'normal' }, words['speed_' + name])));
  find('.play').replaceChildren(button('back', words.back_step, '◀', () => { pause(); advance(-1, 0); }), button('go', words.play_help, words.play, play), button('next', words.next_step, '▶', () => { pause(); advance(1, PAUSES.normal); }), speeds, make('span', { class: 'count' }));
  const pick = make('select', { class: 'source', title: words.source_help, onchange: () => { source = pick.value; Object.assign(channel, { in: null, out: null }); pixel = null; open(); } });
  const channelPick = (name) => make('label', { class: 'channel', title: words['channel_' + name] }, words['from_' + name], make('select', { 'data-channel': name, onchange: (event) => { channel[name] = Number(event.target.value); ask({}); } }));
  const shuffle = make('button', { type: 'button', class: 'shuffle', title: words.shuffle_help, onclick: () => { seed = (seed + 1) % 1000; Object.assign(typed, { input: null, weight: null }); ask({}); } }, words.shuffle);
  find('.from').replaceChildren(pick, shuffle, channelPick('in'), channelPick('out'));
}

// another layer: its own direction first
function open() {
  pause();
  at.scatter = at.zeros = at.conv = Infinity;
  ask({ opened: true });
}

function turnTo(name) {
  pause();
  view = name;
  at.scatter = at.zeros = at.conv = Infinity;
  readout.textContent = '';
  lessonText.mark(name);
  find('.views').querySelectorAll('button').forEach((node) => node.setAttribute('aria-pressed', String(node.dataset.view === name)));
  const spectral = name === 'spectra';
  find('.spectra').hidden = !spectral;
  for (const node of [panels, find('.said'), equation, find('.play'), find('.from')]) node.hidden = spectral;
  find('.play').hidden = !(name in at);
  steppers.hidden = spectral || !isSandbox();
  const boardsNow = SHOWN[name].map((board) => boards[board]);
  panels.classList.toggle('one', boardsNow.length === 1);
  panels.replaceChildren(...boardsNow);
  boardsNow.forEach((board) => {
    board.classList.toggle('active', board.dataset.panel === name && boardsNow.length > 1);
    board.classList.toggle('other', board.dataset.panel !== name && name !== 'conv');
  });
  sayVerdict();
  drawEquation();
  redraw();
  if (data && !spectral && (pixel?.view === 'down') !== (name === 'conv')) choosePixel();
  if (spectral) spectra.redraw();
}

// "1, 2 or 4"
const listOf = (counts) => (counts.length < 2 ? String(counts[0]) : fill(words.or, { first: counts.slice(0, -1).join(', '), last: counts.at(-1) }));

// the sentence under the picture
function sayVerdict() {
  if (!data || view === 'spectra') return;
  const { kernel: [k], stride: [s], dilation: [d] } = data.geometry;
  const same = data.difference === null ? words.broken : fill(data.difference > 0 ? words.nearly : words.same, { difference: digits(data.difference, 2) });
  const counts = listOf(data.counts);
  const sentences = {
    scatter: same, zeros: same, conv: fill(words.adjoint, { left: digits(data.dots[0], 4), right: digits(data.dots[1], 4) }),
    overlap: fill(data.even ? words.even : words.uneven, { k, s, d, counts }),
    matrix: data.matrix ? fill(words.product, { rows: cells(data.up), columns: cells(data.small) }) : words.matrix_large,
  };
  verdict.textContent = sentences[view];
  Object.assign(element.dataset, { difference: data.difference, left: data.dots[0], right: data.dots[1], even: data.even });
}

const lessonText = teach(find('.text'), {
  scatter: () => { turnTo('scatter'); if (!timer) play(); },
  zeros: () => { turnTo('zeros'); if (!timer) play(); },
  overlap: () => turnTo('overlap'),
  matrix: () => turnTo('matrix'),
  conv: () => turnTo('conv'),
  spectra: () => turnTo('spectra'),
});

function fillLesson() {
  const { kernel: [k], stride: [s], padding: [p], output_padding: [op], dilation: [d] } = data.geometry;
  lessonText.fill({ n: data.small.shape[0], out: data.up.shape[0], k, s, p, op, d, zeros: s - 1, counts: listOf(data.counts), left: digits(data.dots[0], 4), right: digits(data.dots[1], 4) });
}

// ---------------------------------------------------------------- asking

function transposeOf({ shape: [rows, columns], values }) {
  return { shape: [columns, rows], values: Float32Array.from(values, (_, n) => values[(n % rows) * columns + Math.floor(n / rows)]) };
}

function offerLayers(pick) {
  const name = ({ stage, network, from, to, kernel, stride }) => fill(words.layer, { stage, network: network === 'generator' ? 'G' : 'D', from: from[1], to: to[1], k: kernel, s: stride });
  const option = (one) => make('option', { value: one.name }, name(one));
  const groups = [[true, words.group_transposed], [false, words.group_plain]].map(([kind, label]) => {
    const found = data.sources.filter(({ transposed }) => transposed === kind);
    return found.length ? make('optgroup', { label }, ...found.map(option)) : null;
  });
  pick.replaceChildren(make('option', { value: 'sandbox' }, words.sandbox), ...groups.filter(Boolean));
  pick.dataset.offered = JSON.stringify(data.sources);
}

function offer() {
  const pick = find('select.source');
  if (pick.dataset.offered !== JSON.stringify(data.sources)) offerLayers(pick); // one that is open would close
  pick.value = data.source;
  ['in', 'out'].forEach((which, n) => {
    const select = find(`[data-channel=${which}]`);
    select.closest('label').hidden = isSandbox();
    if (select.length !== data.channels[n]) select.replaceChildren(...Array.from({ length: data.channels[n] }, (_, c) => make('option', { value: c }, c)));
    select.value = channel[which] = data.channel[n];
  });
  if (isSandbox()) Object.assign(channel, { in: null, out: null });
  steppers.hidden = !isSandbox() || view === 'spectra';
  find('.shuffle').hidden = !isSandbox();
  for (const [setting, value] of Object.entries(settings)) find(`[data-setting=${setting}]`).textContent = value;
  note.hidden = !data.note;
  note.textContent = data.note;
}

const MAPS = ['small', 'big', 'kernel', 'up', 'down', 'overlap', 'matrix'];
const ask = latest(async ({ before = null, opened = false }) => {
  const list = listDue;
  listDue = false;
  const answer = await server.look(asked({ list }));
  if (answer.error) {
    complain(answer.error);
    listDue ||= list;
    if (before) Object.assign(settings, before);
    if (!isSandbox()) { // the layer went with its model
      source = 'sandbox';
      Object.assign(channel, { in: null, out: null });
      ask({});
    }
    return;
  }
  complain('');
  const old = data;
  const windows = (one) => ({ ...one, padded: unpack(one.padded), kernel: unpack(one.kernel) });
  data = { sources: old?.sources ?? [], note: old?.note ?? '', ...answer, ...Object.fromEntries(MAPS.map((name) => [name, unpack(answer[name])])), zeros: windows(answer.zeros), conv: windows(answer.conv) };
  data.transpose = data.matrix && transposeOf(data.matrix);
  data.most = data.up.values.reduce((most, value) => Math.max(most, Number.isFinite(value) ? Math.abs(value) : 0), 0);
  block = unpackFrames(answer.frames);
  grids.input.say(data.transposed ? words.input : words.input_conv);
  grids.big.say(data.transposed ? words.big : words.big_conv);
  if (old && JSON.stringify(old.geometry) + old.up.shape !== JSON.stringify(data.geometry) + data.up.shape) pause();
  offer();
  fillLesson();
  if (opened && (view === 'conv') === data.transposed && (view === 'scatter' || view === 'conv')) view = data.transposed ? 'scatter' : 'conv';
  choosePixel();
  turnOn();
});

// the picture of the view as it is, without stopping what moves
function turnOn() {
  if (panels.childElementCount || view === 'spectra') { sayVerdict(); drawEquation(); redraw(); }
  if (!panels.childElementCount || find('.views [aria-pressed="true"]')?.dataset.view !== view) turnTo(view);
}

// of the pixels that most inputs reach, the one nearest to the middle
function busiest() {
  const { shape: [rows, columns], values } = data.overlap;
  const off = (n) => { const [y, x] = split(n, columns); return Math.hypot(y - (rows - 1) / 2 + 0.1, x - (columns - 1) / 2 + 0.1); };
  const better = (best, n) => (values[n] > values[best] || (values[n] === values[best] && off(n) < off(best)) ? n : best);
  return split(Array.from(values.keys()).reduce(better, 0), columns);
}

// a value to begin with, unless one was clicked
function choosePixel() {
  const way = view === 'conv' ? 'down' : 'up';
  const [rows, columns] = (way === 'up' ? data.up : data.down).shape;
  const kept = pixel?.view === way && pixel.y < rows && pixel.x < columns;
  const [y, x] = kept ? [pixel.y, pixel.x] : way === 'up' ? busiest() : [Math.floor(rows / 2), Math.floor(columns / 2)];
  pixel = { view: way, pair: { terms: [] }, ...(kept ? pixel : {}), y, x };
  askPixel(pixel);
}

makeBar();
makeSteppers();
hear('place', () => { stale = true; });
keepUp(() => { listDue = true; return ask({}); });
new ResizeObserver(() => {
  if (stale && shown() && !isSandbox()) ask({});
  stale = stale && !shown();
  redraw();
  if (view === 'spectra') spectra.redraw();
}).observe(element);
follow(() => spectra.show(props.value?.spectra));
