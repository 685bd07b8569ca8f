const [tools, notice, layerPart, told, samplesPart, reading, headsPart, about] = ['.tools', '.notice', '.layer', '.told', '.samples', '.reading', '.heads', '.about'].map(find);
const [STATE, GATE, STRIP, PLAY_MS] = [110, 62, 18, 4500];
let session = null;
let seed = 1;
let realSeed = 0;
let useCollected = false;
let layer = null; // the number of the one shown; null is the first
let reads = 'fake';
let data = null;
let maps = []; // { name, values, picture, canvas, height } of the cell shown
let heads = []; // { values, canvas } of the attention shown
let t = 0;
let unit = null; // { map, unit } pointed at
let covered = false;
let timer = null;

const pointOf = () => (useCollected && chosen()?.point) || { seed };
const ask = latest(async () => {
  const answer = await server.look({ model: session, point: pointOf(), real_seed: realSeed, reads, ...(layer === null ? {} : { layer }) });
  complain(answer.error);
  if (!answer.error) await take(answer);
  else if (layer !== null) { // another model has fewer
    layer = null;
    ask({});
  }
});

function complain(sentence) {
  notice.hidden = !sentence;
  notice.textContent = sentence || '';
}

// ---- what can be chosen
const button = (name, action, pressed) => make('button', { type: 'button', class: name, title: words[name + '_help'], onclick: action, 'aria-pressed': pressed }, words[name]);
const number = make('input', { type: 'number', class: 'seed', min: 0, max: 2147483647, value: seed, title: words.seed_help, 'aria-label': words.seed, onchange: () => toSeed(Number(number.value)) });
const collectedToggle = button('collected', () => { useCollected = !useCollected; pressed(); ask({}); }, 'false');
const pick = make('select', { class: 'pick', title: words.layer_help, onchange: () => { layer = Number(pick.value); ask({}); } });
const reader = make('select', { class: 'reads', title: words.reads_help, onchange: () => { reads = reader.value; ask({}); } }, make('option', { value: 'fake' }, words.fake), make('option', { value: 'real' }, words.real));
const readerLabel = make('label', {}, words.reads, reader);
const player = button('play', () => (timer ? stop() : play()));
tools.append(make('span', { class: 'stepper' }, button('back', () => toSeed(seed - 1)), make('label', {}, words.seed, number), button('next', () => toSeed(seed + 1))), collectedToggle, button('another', () => { realSeed += 1; ask({}); }), player, make('label', { class: 'wide' }, words.layer, pick), readerLabel);

function toSeed(wanted) {
  seed = Math.min(2147483647, Math.max(0, Math.round(wanted) || 0));
  number.value = seed;
  useCollected = false;
  pressed();
  ask({});
}

const pressed = () => collectedToggle.setAttribute('aria-pressed', useCollected);

// ---- what is shown
async function take(answer) {
  data = answer;
  layer = data.layers.length ? data.layer : null;
  data.images = {};
  for (const [name, sample] of Object.entries(data.samples)) data.images[name] = sample.sprite ? await decode(sample.sprite) : null;
  t = Math.min(t, data.steps - 1);
  unit = null;
  const shownLayer = data.layers[data.layer];
  const turned = data.layers.some(({ backward }) => backward);
  pick.replaceChildren(...data.layers.map((one, n) => make('option', { value: n }, layerName({ ...one, onward: turned && one.network === 'discriminator' && !one.backward && one.units }))));
  if (shownLayer) pick.value = data.layer;
  pick.parentElement.hidden = !data.layers.length;
  readerLabel.hidden = shownLayer?.network !== 'discriminator' || !data.samples.real;
  player.hidden = tools.hidden = data.empty;
  const sentence = data.empty ? words.nothing : data.layers.length ? '' : words.no_layer;
  told.hidden = !sentence;
  told.textContent = sentence;
  about.textContent = data.empty ? '' : [fill(words.about, { step: data.step.toLocaleString('en') }), data.seen === 'rows' ? words.turned : '', shownLayer?.heads ? words.rows_ask : '', data.note].filter(Boolean).join(' ');
  showLayer(shownLayer);
  showSamples();
  numbers();
  draw();
}

function showLayer(shownLayer) {
  maps = [];
  heads = [];
  if (shownLayer && !shownLayer.heads) {
    maps = data.detail.maps.map((map) => {
      const values = floats(map.data);
      const canvas = stepCanvas(words['map_' + map.name], shownLayer.steps, { class: 'heat', 'data-map': map.name, 'data-mean': map.mean.toFixed(4) }, (place) => { unit = { map: map.name, unit: Math.min(shownLayer.units - 1, Math.floor(place * shownLayer.units)) }; });
      return { ...map, values, canvas, picture: mapPicture(values, shownLayer.steps, shownLayer.units, map.scale), height: map.gate ? GATE : STATE };
    });
  } else if (shownLayer) {
    heads = data.detail.heads.map((packed, n) => ({ values: floats(packed), name: fill(words.head, { n: n + 1 }) }));
  }
  layerPart.replaceChildren(...maps.map((map) => figureOf(words['map_' + map.name], map.gate ? fill(words.gate_scale, { mean: map.mean.toFixed(2) }) : fill(words.state_scale, { scale: map.scale.toFixed(2) }), map.canvas)));
  headsPart.replaceChildren(...heads.map((head) => {
    head.canvas = make('canvas', { class: 'whole', role: 'img', 'aria-label': head.name });
    head.canvas.addEventListener('pointerdown', (event) => {
      const box = head.canvas.getBoundingClientRect();
      at(Math.floor(((event.clientY - box.top) / box.height) * shownLayer.steps), shownLayer.steps);
    });
    return make('figure', {}, make('figcaption', {}, make('b', {}, head.name)), head.canvas);
  }));
  if (heads.length) {
    const strip = stepCanvas(words.looks_from, shownLayer.steps, { class: 'strip' });
    layerPart.append(figureOf(fill(words.looks_from, { t: t + 1 }), '', strip));
  }
}

const figureOf = (title, detail, ...canvases) => make('figure', {}, make('figcaption', {}, make('b', {}, title), detail), ...canvases);

function showSamples() {
  const part = (name, sample) => {
    const canvases = [stepCanvas(words[name], data.steps, { class: 'output', 'data-sample': name })];
    if (sample.scores) canvases.push(stepCanvas(words.bars, data.steps, { class: 'bars', 'data-sample': name, 'data-scores': sample.scores.join(' '), title: words.bars }));
    const who = name === 'real' ? words.data : `${words.made} ${useCollected ? chosen()?.name ?? '' : '#' + seed}`;
    const node = figureOf(who, fill(words.judged, { score: signed(sample.score) }), ...canvases);
    node.className = `sample ${name}`;
    return node;
  };
  samplesPart.replaceChildren(...(data.empty ? [] : Object.entries(data.samples).map(([name, sample]) => part(name, sample))));
}

// A canvas over which step a pointer is, and how far down it is, means something.
function stepCanvas(label, steps, attributes, pointed = () => { unit = null; }) {
  const canvas = make('canvas', { role: 'img', tabindex: 0, 'aria-label': label, ...attributes });
  const point = (event) => {
    if (event.type === 'pointermove' && event.pointerType === 'mouse' ? timer : false) return;
    const box = canvas.getBoundingClientRect();
    pointed(Math.min(0.9999, Math.max(0, (event.clientY - box.top) / box.height)));
    at(Math.floor(((event.clientX - box.left) / box.width) * steps), steps);
  };
  canvas.addEventListener('pointermove', point);
  canvas.addEventListener('pointerdown', (event) => { stop(); point(event); });
  canvas.addEventListener('keydown', (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    stop();
    at(t + by, data.steps);
  });
  return canvas;
}

// Go to a step of a layer that may have others than the sample has.
function at(step, steps) {
  t = Math.min(data.steps - 1, Math.max(0, steps === data.steps ? step : Math.floor(((step + 0.5) / steps) * data.steps)));
  draw();
}

const inLayer = () => { // the same step of the layer that is shown
  const steps = data.layers[data.layer]?.steps ?? data.steps;
  return steps === data.steps ? t : Math.min(steps - 1, Math.floor(((t + 0.5) / data.steps) * steps));
};

function draw() {
  if (!data || !shown()) return;
  const [shownLayer, here] = [data.layers[data.layer], inLayer()];
  for (const map of maps) {
    mark(paintHeat(map.canvas, map.picture, map.height, unit?.map === map.name ? unit.unit : null), here, shownLayer.steps, covered);
    map.canvas.dataset.step = here;
  }
  drawHeads(shownLayer, here);
  const reach = Math.max(1e-6, ...Object.values(data.samples).flatMap(({ scores = [] }) => scores.map(Math.abs)));
  for (const canvas of samplesPart.querySelectorAll('canvas')) {
    const name = canvas.dataset.sample;
    const sample = data.samples[name];
    const sheet = canvas.className === 'bars' ? paintBars(canvas, sample.scores, reach, name === 'real' ? '--pg-real' : '--pg-fake') : paintSample(canvas, sample, data.images[name]);
    mark(sheet, t, data.steps, covered);
  }
  tell();
}

function drawHeads(shownLayer, here) {
  if (!heads.length) return;
  const steps = shownLayer.steps;
  const most = Math.max(...heads.map(({ values }) => Math.max(...values.subarray(here * steps, (here + 1) * steps)))) || 1;
  const rows = make('canvas');
  paintMap(rows, steps, heads.length, (k, n) => heads[n].values[here * steps + k] / most);
  const strip = layerPart.querySelector('canvas.strip');
  mark(paintHeat(strip, rows, STRIP * heads.length), here, steps, false);
  strip.dataset.sum = heads[0].values.subarray(here * steps, (here + 1) * steps).reduce((sum, value) => sum + value, 0).toFixed(3);
  layerPart.querySelector('figcaption b').textContent = fill(words.looks_from, { t: here + 1 });
  for (const { values, canvas } of heads) {
    const top = Math.max(...values) || 1;
    paintMap(canvas, steps, steps, (k, q) => values[q * steps + k] / top);
    const context = canvas.getContext('2d');
    context.strokeStyle = colour('--pg-accent');
    context.lineWidth = 0.4;
    context.strokeRect(0.2, here + 0.2, steps - 0.4, 0.6);
  }
}

// ---- in words
const meanAt = (map, here, units) => map.values.subarray(here * units, (here + 1) * units).reduce((sum, value) => sum + value, 0) / units;

function tell() {
  if (data.empty) return reading.replaceChildren();
  const [shownLayer, here] = [data.layers[data.layer], inLayer()];
  const parts = [fill(words.at, { t: t + 1, steps: data.steps })];
  for (const [name, sample] of Object.entries(data.samples)) {
    const output = outputAt(sample, t);
    const score = sample.scores ? fill(words.at_score, { who: '', score: signed(sample.scores[t]) }).replace(/\s+/g, ' ') : '';
    parts.push(`${name === 'real' ? words.data : words.made}: ${[output, score].filter(Boolean).join(', ')}`);
  }
  for (const map of maps) {
    if (unit?.map === map.name) parts.push(fill(words.at_unit, { map: words['map_' + map.name], unit: unit.unit + 1, value: signed(map.values[here * shownLayer.units + unit.unit], 3) }));
    else if (map.gate) parts.push(fill(words.at_mean, { map: words['map_' + map.name], value: signed(meanAt(map, here, shownLayer.units)) }));
  }
  heads.forEach(({ values, name }) => {
    const row = [...values.subarray(here * shownLayer.steps, (here + 1) * shownLayer.steps)];
    const best = row.indexOf(Math.max(...row));
    parts.push(fill(words.at_looks, { head: name, best: best + 1, share: Math.round(100 * row[best]) }));
  });
  reading.textContent = parts.join(' · ');
  reading.dataset.step = t;
  numbers();
}

function numbers() {
  const shownLayer = data.layers[data.layer];
  const gates = maps.filter(({ gate }) => gate).map((map) => `${words['map_' + map.name].split(' ').pop()} ${meanAt(map, inLayer(), shownLayer.units).toFixed(2)}`);
  text.fill({ steps: data.steps, units: shownLayer?.units ?? words.no_units, t: t + 1, gates: gates.join(', ') || words.no_gates, fake: signed(data.samples.fake.score), real: signed(data.samples.real?.score) });
}

// ---- step by step
function stop() {
  clearInterval(timer);
  timer = null;
  covered = false;
  player.textContent = words.play;
  if (data) draw();
}

function play() {
  if (!data || data.empty) return;
  clearInterval(timer);
  covered = true;
  t = 0;
  player.textContent = words.pause;
  timer = setInterval(() => (t + 1 < data.steps && shown() ? at(t + 1, data.steps) : stop()), Math.min(400, PLAY_MS / data.steps));
  draw();
}

function light(selector) {
  element.querySelectorAll('figure.lit').forEach((node) => node.classList.remove('lit'));
  element.querySelectorAll(selector).forEach((node) => (node.closest('figure') ?? node).classList.add('lit'));
}

function toLayer(test, selector) {
  const found = data ? data.layers.findIndex(test) : -1;
  if (found < 0 || found === data.layer) return light(selector);
  layer = found;
  Promise.resolve(ask({})).then(() => light(selector));
}

const isCell = ({ heads: count }) => !count;
const text = teach(find('aside'), {
  play: () => { light('none'); play(); },
  state: () => toLayer(isCell, '[data-map="states"]'),
  gates: () => toLayer(isCell, '[data-map]:not([data-map="states"], [data-map="memory"])'),
  output: () => light('.sample.fake .output'),
  attention: () => toLayer(({ heads: count }) => count, '.strip, .whole'),
  scores: () => light('.bars'),
  worst: () => {
    const scores = data?.samples.fake.scores;
    if (scores) at(scores.indexOf(Math.min(...scores)), data.steps);
    light('.sample.fake .bars');
  },
});

hear('tray', () => useCollected && shown() && ask({}));
keepUp(({ session: id }) => {
  session = id;
  return ask({});
});
new ResizeObserver(() => data && !timer && draw()).observe(element);
