const find = (selector) => element.querySelector(selector);
const view = (name) => find(`.view[data-view="${name}"]`);
const VIEWS = ['same', 'statistics', 'over', 'arms'];
const ROWS = ['batch', 'running', 'standing'];
const KINDS = ['batch', 'instance', 'layer', 'group', 'spectral', 'none'];
const PLACES = ['both', 'generator', 'discriminator'];
const FIGURES = ['scale', 'gradient', 'dead'];
const note = find('.note');
const batch = { size: 16, mates: 1, momentum: 0, epsilon: null };
let session = null;
let current = 'same';
let own = { epsilon: 1e-5, momentum: 0.1 };
let without = null; // the answer of a model without batch norm
let chosen = { layer: null, channel: 0, source: 'batch' };
let found = null; // statistics in view
let along = null; // statistics over training
let race = null; // arms in view
let racing = false;
let changed = 0; // when a slider moved, for `data-latency`
let overFigure = 'std';
let armFigure = 'scale';
let dots = [];

const number = (value, digits = 3) => (value === null || value === undefined ? words.unknown : Math.abs(value) >= 1e4 || (value !== 0 && Math.abs(value) < 1e-3) ? value.toExponential(1) : String(Number(value.toPrecision(digits)))).replace('-', '−');
const inside = (value) => (value < 0 ? `(${number(value)})` : number(value));
const option = (value, text, selected) => make('option', { value, selected }, text);
const asked = (more = {}) => ({ model: session, ...batch, ...more });

function tell(sentence, bad = false) {
  note.hidden = !sentence;
  note.textContent = sentence ?? '';
  note.classList.toggle('bad', bad);
}

function sayWithout() {
  const parts = Object.entries(without.kinds).filter(([, kinds]) => kinds.length);
  const kinds = parts.map(([network, names]) => fill(words.kinds, { network: words[network], kinds: names.map((name) => words['kind_' + name]).join(', ') }));
  tell(kinds.length ? fill(words.without, { kinds: kinds.join('; ') }) : words.without_any);
}

function show(name) {
  current = name;
  element.dataset.view = name;
  for (const button of element.querySelectorAll('.views button')) button.setAttribute('aria-pressed', String(button.dataset.view === name));
  refresh();
}

// What a view needs is asked for when it is in view.
function refresh() {
  const bare = without && current !== 'arms';
  for (const name of VIEWS) view(name).hidden = name !== current || bare;
  find('.controls.batch').hidden = bare || !['same', 'statistics'].includes(current);
  momentumField.node.hidden = current !== 'same';
  tell(null);
  if (!session) return;
  if (current === 'same') { askSame({}); askStanding({}); }
  if (current === 'statistics') askStatistics({});
  if (current === 'over' && !along) measure();
  if (current === 'over' && along) paintOver();
  if (current === 'arms') paintArms();
}

// ---- the batch's sliders
function slider(text, help, attributes, shown, set) {
  const input = make('input', { type: 'range', title: help, 'aria-label': text, ...attributes, oninput: () => { changed = performance.now(); set(Number(input.value)); paint(); move(); } });
  const output = make('output', {});
  const paint = () => (output.textContent = shown());
  paint();
  return { node: make('label', { title: help }, text, input, output), input, paint };
}

function move() {
  if (current === 'same') askSame({});
  if (current === 'statistics') askStatistics({});
}

const sizeField = slider(words.size, words.size_help, { min: 1, max: 64, step: 1, value: batch.size, class: 'size' }, () => String(batch.size), (value) => (batch.size = value));
const momentumField = slider(words.momentum, words.momentum_help, { min: 0, max: 1, step: 0.01, value: 0, class: 'momentum' }, () => String(batch.momentum), (value) => (batch.momentum = value));
const epsilonField = slider(words.epsilon, words.epsilon_help, { min: -8, max: 0, step: 0.25, value: -5, class: 'epsilon' }, () => number(batch.epsilon ?? own.epsilon, 2), (value) => {
  batch.epsilon = Number((10 ** value).toPrecision(3));
  if (current === 'same') askStanding({});
});
const dice = make('button', { type: 'button', class: 'mates', title: words.mates_help, onclick: () => { batch.mates = (batch.mates + 1 + Math.floor(Math.random() * 1e6)) % 2 ** 31; changed = performance.now(); move(); } }, '⚄ ' + words.mates);
const back = make('button', { type: 'button', class: 'back', title: words.reset_help, onclick: reset }, words.reset);
find('.controls.batch').append(sizeField.node, dice, momentumField.node, epsilonField.node, back);

function reset() {
  Object.assign(batch, { size: 16, mates: 1, momentum: 0, epsilon: null });
  [sizeField.input.value, momentumField.input.value, epsilonField.input.value] = [16, 0, Math.log10(own.epsilon)];
  for (const field of [sizeField, momentumField, epsilonField]) field.paint();
  refresh();
}

// ---- the same latents
const rows = Object.fromEntries(ROWS.map((name) => {
  const tiles = make('div', { class: 'tiles', role: 'img', 'aria-label': words['row_' + name] }, ...Array.from({ length: 8 }, () => make('canvas')));
  const [first, second] = [make('span'), make('span')];
  const node = make('div', { class: 'row', 'data-row': name, title: name === 'standing' ? null : words['row_' + name + '_help'] }, make('div', {}, make('b', {}, words['row_' + name]), first, second), tiles);
  view('same').append(node);
  return [name, { node, tiles, first, second }];
}));

async function paintRow(name, sprite) {
  rows[name].node.classList.toggle('off', !sprite);
  if (!sprite) return;
  const image = await decode(sprite);
  [...rows[name].tiles.children].forEach((canvas, index) => drawTile(canvas, image, sprite, index));
}

const changeText = (change) => (change ? fill(words.change, { change: number(change, 2) }) : words.change_none);

const askSame = latest(async () => {
  const started = changed;
  const answer = await server.same(asked());
  if (answer.error) return tell(answer.error, true);
  const bare = Boolean(without);
  without = answer.without ? answer : null;
  if (without) { if (current !== 'arms') { blank(); sayWithout(); } return; }
  if (bare) return refresh();
  own = answer.own;
  epsilonField.paint();
  if (batch.epsilon === null) epsilonField.input.value = Math.log10(own.epsilon);
  tell(answer.problem ? fill(words.failed, { sentence: answer.problem }) : null, true);
  await Promise.all([paintRow('batch', answer.batch?.sprite), paintRow('running', answer.running.sprite)]);
  rows.batch.first.textContent = batch.size === 1 ? words.alone : answer.batch ? changeText(answer.batch.change) : '';
  rows.batch.second.textContent = answer.away === null ? '' : fill(words.away_batch, { away: number(answer.away, 2) });
  rows.running.first.textContent = changeText(answer.running.change);
  rows.batch.node.dataset.change = answer.batch?.change ?? '';
  rows.running.node.dataset.change = answer.running.change;
  text.fill({ change: number(answer.batch?.change ?? 0, 2), m: number(own.momentum) });
  painted(started);
});

const askStanding = latest(async () => {
  const answer = await server.standing(asked());
  if (answer.error || answer.without) return;
  await paintRow('standing', answer.sprite);
  rows.standing.node.title = fill(words.row_standing_help, { batches: answer.batches });
  rows.standing.first.textContent = words.change_none;
  rows.standing.second.textContent = fill(words.away, { away: number(answer.away, 2) });
  rows.standing.node.dataset.away = answer.away;
  text.fill({ batches: answer.batches });
});

function painted(started = 0) {
  element.dataset.painted = String(Number(element.dataset.painted || 0) + 1);
  if (started) element.dataset.latency = (performance.now() - started).toFixed(1);
  if (started === changed) changed = 0;
}

function blank() {
  for (const name of VIEWS) view(name).hidden = true;
  find('.controls.batch').hidden = true;
}

function light(name) {
  for (const row of ROWS) rows[row].node.classList.toggle('lit', row === name);
  element.dataset.lit = name ?? '';
}

// ---- inside a layer
const layerPick = make('select', { class: 'layer', title: words.layer_help, 'aria-label': words.layer, onchange: () => { Object.assign(chosen, { layer: layerPick.value, channel: 0 }); askStatistics({}); } });
const channelPick = make('select', { class: 'channel', title: words.channel_help, 'aria-label': words.channel, onchange: () => pick(Number(channelPick.value)) });
const sourcePick = make('select', { class: 'source', title: words.source_help, 'aria-label': words.source, onchange: () => { chosen.source = sourcePick.value; askStatistics({}); } }, ...['batch', 'running'].map((name) => option(name, words['source_' + name])));
const chart = (name, caption, low) => make('figure', { 'data-name': name, class: low ? 'low' : null }, make('figcaption', {}, caption), make('canvas', { role: 'img', 'aria-label': caption }));
const charts = [chart('mean', words.mean), chart('variance', words.variance), chart('before', words.before, true), chart('after', words.after, true)];
const oneLegend = make('span', { class: 'legend' });
view('statistics').append(
  make('div', { class: 'controls' }, make('label', { title: words.layer_help }, words.layer, layerPick), make('label', { title: words.channel_help }, words.channel, channelPick), make('label', { title: words.source_help }, words.source, sourcePick)),
  make('div', { class: 'charts' }, ...charts),
  make('p', { class: 'hint' }, make('span', { class: 'legend' }, make('i'), words.legend_all), oneLegend, words.on_line),
);
charts.slice(0, 2).forEach((figure, which) => figure.querySelector('canvas').addEventListener('click', ({ offsetX, offsetY }) => {
  const away = (dots[which] ?? []).map((dot, channel) => (dot ? [Math.hypot(dot[0] - offsetX, dot[1] - offsetY), channel] : [Infinity, channel]));
  if (away.length) pick(away.reduce((best, other) => (other[0] < best[0] ? other : best))[1]);
}));

function pick(channel) {
  chosen.channel = channel;
  askStatistics({});
}

const askStatistics = latest(async () => {
  const started = changed;
  const wanted = JSON.stringify(chosen);
  const answer = await server.statistics(asked(chosen));
  if (wanted !== JSON.stringify(chosen)) return; // another layer or channel meanwhile: its answer is on its way
  if (answer.error) return tell(answer.error[0].toUpperCase() + answer.error.slice(1) + (/[.!?]$/.test(answer.error) ? '' : '.'), true);
  const bare = Boolean(without);
  without = answer.without ? answer : null;
  if (without) { if (current !== 'arms') { blank(); sayWithout(); } return; }
  if (bare) return refresh();
  tell(null);
  found = answer;
  [chosen.layer, chosen.channel] = [answer.layer, answer.channel];
  paintStatistics();
  painted(started);
});

// A list that is open must not be made anew under the pointer.
function offer(select, items, value) {
  const key = JSON.stringify(items);
  if (select.dataset.items !== key) select.replaceChildren(...items.map(([name, shownName]) => option(name, shownName, name === value)));
  select.dataset.items = key;
  select.value = value;
}

function paintStatistics() {
  if (!found) return;
  const { channels, channel } = found;
  offer(layerPick, found.layers.map(({ name, network, stage, count }) => [name, fill(words.layer_item, { network: words[network], stage: stage || name, count: count.toLocaleString('en') })]), found.layer);
  offer(channelPick, channels.running_mean.map((_, n) => [String(n), String(n + 1)]), String(channel));
  const [mean, variance, before, after] = charts.map((figure) => figure.querySelector('canvas'));
  if (mean.getBoundingClientRect().width) {
    dots = [scatterChart(mean, channels.running_mean, channels.batch_mean, channel, false), scatterChart(variance, channels.running_var, channels.batch_var, channel, true)];
    histogramChart(before, found.before);
    histogramChart(after, found.after);
  }
  oneLegend.replaceChildren(make('i', { class: 'one' }), fill(words.legend_one, { channel: channel + 1 }));
  element.dataset.channel = channel;
  teachFormula();
}

function teachFormula() {
  const { numbers, layer, layers, channel, momentum } = found;
  const { network, stage } = layers.find(({ name }) => name === layer);
  const [gamma, x, mu, v, eps, beta, y] = [numbers.gamma, numbers.x, numbers.mean, numbers.var, numbers.eps, numbers.beta, numbers.y];
  text.fill({ layer: `${words[network]}’s ${stage}`, channel: channel + 1, gamma: number(gamma), x: number(x), mu: inside(mu), var: number(v), eps: number(eps), beta: inside(beta), y: number(y), m: number(momentum) });
}

// ---- over training
const overPick = make('select', { class: 'over-figure', title: words.over_figure_help, 'aria-label': words.over_figure, onchange: () => { overFigure = overPick.value; paintOver(); } }, ...['std', 'mean', 'gap'].map((name) => option(name, words['over_' + name])));
const overState = make('p', { class: 'hint', role: 'status' });
const multiples = make('div', { class: 'multiples' });
view('over').append(make('div', { class: 'controls' }, make('label', { title: words.over_figure_help }, words.over_figure, overPick), make('button', { type: 'button', class: 'again', title: words.over_again_help, onclick: measure }, words.over_again)), overState, multiples);

function measure() {
  trigger('over', {});
}

function paintOver() {
  if (!along) return;
  const { steps, moments, layers } = along;
  const legend = overFigure === 'gap' ? words.over_gap_legend : words.over_legend;
  overState.textContent = !moments ? words.over_none : steps.length < moments ? fill(words.over_busy, { done: steps.length, moments }) : moments === 1 ? words.over_one : legend;
  multiples.replaceChildren(...layers.map(({ name, network, stage }) => chart(name, `${words[network]} · ${stage || name}`, true)));
  layers.forEach(({ network, series }, n) => {
    const hue = colour(network === 'generator' ? '--pg-fake' : '--pg-disc');
    const lines = overFigure === 'gap' ? [{ values: series.gap, hue }] : [{ values: series['batch_' + overFigure], hue }, { values: series['running_' + overFigure], dashed: true, hue: colour('--pg-soft') }];
    const canvas = multiples.children[n].querySelector('canvas');
    if (canvas.getBoundingClientRect().width) lineChart(canvas, steps, lines);
  });
  element.dataset.moments = steps.length;
}

// ---- side by side
const picks = [['batch', 'both'], ['none', 'both'], ['layer', 'both'], ['absent', 'both']].map(([kind, place], n) => {
  const fields = { number: n + 1 };
  const kinds = make('select', { class: 'kind', title: fill(words.arm_help, fields), 'aria-label': fill(words.arm_help, fields), onchange: () => settle() }, ...[...KINDS, ...(n ? ['absent'] : [])].map((name) => option(name, words['kind_' + name], name === kind)));
  const places = make('select', { class: 'place', title: fill(words.where_help, fields), 'aria-label': fill(words.where_help, fields) }, ...PLACES.map((name) => option(name, words['where_' + name], name === place)));
  return { kinds, places, node: make('div', { class: 'pick' }, make('b', {}, fill(words.arm, fields)), kinds, places) };
});
const stepsPick = make('select', { class: 'steps', title: words.steps_help, 'aria-label': words.steps }, ...[10, 20, 60, 100, 200].map((count) => option(String(count), String(count), count === 60)));
const go = make('button', { type: 'button', class: 'go', title: words.go_help, onclick: start }, words.go);
const stop = make('button', { type: 'button', class: 'halt', title: words.halt_help, hidden: true, onclick: () => trigger('halt', {}) }, words.halt);
const bar = make('progress', { max: 1, value: 0, hidden: true });
const figurePick = make('select', { class: 'figure', title: words.figure_help, 'aria-label': words.figure, onchange: () => { armFigure = figurePick.value; paintArms(); } }, ...FIGURES.map((name) => option(name, words['figure_' + name])));
const [armState, reading, list] = [make('p', { class: 'hint state', role: 'status' }), make('p', { class: 'reading' }), make('div', { class: 'arms' })];
const [lowest, highest] = [make('span'), make('span')];
const legend = make('span', { class: 'scale' }, lowest, make('i'), highest);
view('arms').append(make('div', { class: 'chooser' }, ...picks.map(({ node }) => node)), make('div', { class: 'controls' }, make('label', { title: words.steps_help }, words.steps, stepsPick), go, stop, bar, make('label', { title: words.figure_help }, words.figure, figurePick), legend), armState, list, reading);

function settle() {
  for (const { kinds, places } of picks) places.disabled = ['none', 'absent'].includes(kinds.value);
}

function start() {
  const arms = picks.filter(({ kinds }) => kinds.value !== 'absent').map(({ kinds, places }) => ({ normalisation: kinds.value, where: kinds.value === 'none' ? 'both' : places.value }));
  race = null;
  busy(true);
  paintArms();
  trigger('go', { request: { arms, steps: Number(stepsPick.value) } });
}

function busy(on) {
  racing = on;
  go.disabled = on;
  stop.hidden = bar.hidden = !on;
  if (on) bar.removeAttribute('value');
}

const armName = ({ normalisation, where }) => words['kind_' + normalisation] + (normalisation === 'none' ? '' : ' ' + words['where_' + where]);

function paintArms() {
  legend.hidden = !race;
  reading.textContent = '';
  if (!race) {
    list.replaceChildren();
    armState.textContent = racing ? '' : words.arms_intro;
    return;
  }
  const { arms, taken, steps, done, instead, fine } = race;
  const own = arms[0].architecture === 'dcgan' && without && !without.derived;
  armState.textContent = [fill(done ? words.progress_done : words.progress, { taken, steps }), instead ? words.arms_digits : '', own ? words.arms_small : words.arms_derived].filter(Boolean).join(' ');
  const values = arms.map(({ figures }) => unpack(figures[armFigure]));
  const scale = heatScale(values);
  [lowest.textContent, highest.textContent] = scale.map((value) => number(10 ** (value / fine), 2));
  list.replaceChildren(...arms.map((arm, n) => armNode(arm, values[n], scale)));
}

function armNode(arm, values, scale) {
  const { stages, steps: taken, stopped, verdicts, sprite } = arm;
  const heat = make('canvas', { role: 'img', 'aria-label': `${armName(arm)}: ${words['figure_' + armFigure]}` });
  heatMap(heat, values, stages.length, taken, race.steps, scale);
  heat.addEventListener('pointermove', ({ offsetX, offsetY }) => read(arm, values, Math.floor((offsetX / heat.clientWidth) * race.steps), Math.floor((offsetY / heat.clientHeight) * stages.length)));
  const tiles = make('div', { class: 'tiles' }, ...Array.from({ length: sprite.count }, () => make('canvas')));
  decode(sprite).then((image) => [...tiles.children].forEach((canvas, index) => drawTile(canvas, image, sprite, index)));
  const told = marks(stages, verdicts[armFigure] ?? [], stopped && taken);
  const names = stages.map(([network, stage]) => make('span', { class: network }, stage));
  return make('div', { class: 'arm', 'data-arm': arm.normalisation, 'data-where': arm.where, 'data-taken': taken },
    make('h4', {}, armName(arm)),
    make('p', { class: 'marks' + (told.bad ? ' bad' : ''), title: words.verdict_help }, told.text),
    make('div', { class: 'heat' }, make('div', { class: 'names' }, ...names), heat), tiles);
}

function marks(stages, verdicts, away) {
  const parts = ['vanishes', 'explodes'].map((what) => {
    const where = stages.filter((_, n) => verdicts[n] === what).map(([network, stage]) => `${words[network]} ${stage}`);
    return where.length ? fill(words.marks, { what: words['verdict_' + what], stages: where.join(', ') }) : '';
  });
  const text = [away ? fill(words.ran_away, { step: away }) : '', ...parts].filter(Boolean).join(' · ');
  return { text: text || (verdicts.length ? words.marks_none : ''), bad: Boolean(text) };
}

function read(arm, values, step, row) {
  if (step < 0 || row < 0 || step >= arm.steps || row >= arm.stages.length) return;
  const [network, stage] = arm.stages[row];
  const value = heatValue(values[row * arm.steps + step], race.fine);
  const shownValue = value === null ? words.unknown : value === 0 ? words.zero : number(value);
  reading.textContent = fill(words.cell, { arm: armName(arm), network: words[network], stage, step: step + 1, value: shownValue });
}

// ---- all together
find('.views').append(...VIEWS.map((name) => make('button', { type: 'button', 'data-view': name, title: words['view_' + name + '_help'], 'aria-pressed': 'false', onclick: () => { light(null); text.mark(null); show(name); } }, words['view_' + name])));
const text = teach(find('aside'), {
  formula: () => show('statistics'),
  mates: () => { light('batch'); show('same'); },
  averages: () => show('over'),
  inference: () => { light('running'); show('same'); },
  standing: () => { light('standing'); show('same'); },
  scales: () => { [figurePick.value, armFigure] = ['gradient', 'gradient']; show('arms'); },
  others: () => {
    if (!racing) ['instance', 'layer', 'group', 'spectral'].forEach((name, n) => (picks[n].kinds.value = name));
    settle();
    show('arms');
  },
});

// a model without batch norm has no numbers to put into the gaps
text.fill({ layer: words.any_layer, channel: 'c', gamma: 'γ', x: 'x', mu: 'μ', var: 'σ²', eps: 'ε', beta: 'β', y: 'y', change: words.some, m: '0.1', batches: words.some });

watch('value', () => {
  const answer = props.value;
  if (!answer?.kind) return;
  if (answer.kind === 'over') {
    along = answer;
    if (current === 'over') paintOver();
    return;
  }
  if (answer.error) {
    busy(false);
    return tell(answer.error, true);
  }
  race = answer;
  bar.value = answer.taken / answer.steps;
  if (answer.done) busy(false);
  if (current === 'arms') paintArms();
});

new ResizeObserver(() => {
  if (current === 'statistics') paintStatistics();
  if (current === 'over') paintOver();
}).observe(find('.work'));

settle();
keepUp(async (visitor) => {
  session = visitor.session;
  along = null;
  if (!visitor.model) without = null;
  if (!found) await firstNumbers();
  show(current);
});

// the lesson's formula has numbers from the start
async function firstNumbers() {
  const answer = await server.statistics(asked(chosen));
  if (answer.error || answer.without) return;
  found = answer;
  teachFormula();
}
