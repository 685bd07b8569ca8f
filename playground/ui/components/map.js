const find = (selector) => element.querySelector(selector);
const [canvas, card, about, notice, empty, body, working] = ['.plot > canvas', '.card', '.about', '.notice', '.empty', '.body', '.working'].map(find);
const seen = { real: true, made: true, holes: true, pictures: false, byClass: false };
const setup = { method: 'pca', count: 1000, seed: 0 };
const took = {}; // seconds that the last map of a method took for a sample: what the next one will, about
let data = null;
let image = null;
let version = null; // of the model that the map is of
let asking = null; // what is being drawn, and since when
let pointed = null; // the dot under the pointer, or the one that was clicked
let pinned = false;
let marks = []; // collected points on the map

const digits = (number) => (number === null ? '–' : Math.abs(number) >= 1000 ? number.toExponential(1) : number.toFixed(2).replace(/^-/, '−'));
const percent = (share) => Math.round(100 * share) + '%';
const key = () => bus.visitor && bus.visitor.session + ' ' + bus.visitor.version;
const complain = (sentence) => {
  notice.hidden = !sentence;
  notice.textContent = sentence || '';
};

// ---- what is drawn
function draw() {
  if (!data || !canvas.clientWidth) return;
  const given = paint(canvas, data, image, seen, marks, pointed);
  canvas.dataset.given = JSON.stringify(given);
  canvas.setAttribute('aria-label', fill(words.canvas, { real: given.real, made: given.made }));
  find('.zoom .reset').disabled = around.zoom === 1 && !around.x && !around.y;
}

let waiting = 0;
const drawSoon = () => {
  cancelAnimationFrame(waiting);
  waiting = requestAnimationFrame(draw);
};

function drawCard() {
  card.hidden = pointed === null;
  canvas.classList.toggle('over', pointed !== null);
  card.classList.toggle('pinned', pinned);
  if (pointed === null) return;
  const real = pointed < data.num_real;
  card.style.setProperty('--swatch', colour(real ? '--pg-real' : '--pg-fake'));
  drawTile(card.querySelector('canvas'), image, data.sprite, pointed);
  card.dataset.dot = pointed;
  const number = real ? data.indices[pointed] : data.seeds[pointed - data.num_real];
  const name = data.names[data.classes[pointed]];
  about.replaceChildren(
    make('b', {}, fill(real ? words.card_real : words.card_made, { number })),
    name === undefined ? '' : make('span', {}, fill(real ? words.card_class : words.card_looks, { name })),
    make('span', { title: words.score_help }, fill(words.card_score, { score: digits(data.scores[pointed]) })),
    pinned ? make('button', { type: 'button', title: real ? words.find_help : words.keep_help, onclick: real ? findIt : keep }, real ? words.find : words.keep) : '',
  );
  const at = geometry(canvas);
  const [right, down] = [at.right(data.places[pointed][0]), at.down(data.places[pointed][1])];
  const [width, height] = [card.offsetWidth, card.offsetHeight];
  const left = right + 14 + width < at.width ? right + 14 : right - 14 - width;
  card.style.left = Math.max(4, Math.min(at.width - width - 4, left)) + 'px';
  card.style.top = Math.max(4, Math.min(at.height - height - 4, down - height / 2)) + 'px';
}

function point(dot) {
  const n = dot - data.num_real;
  return { seed: data.seeds[n], ...(data.labels ? { label: data.labels[n] } : {}) };
}

function keep(event) {
  collect([{ point: point(pointed), name: '' }]);
  event.target.textContent = words.kept;
  event.target.disabled = true;
}

function findIt(event) {
  say('find', { real: data.indices[pointed], picture: card.querySelector('canvas').toDataURL() });
  event.target.disabled = true;
}

// ---- what is said about it
function describe() {
  const { covered, floor, note, space, explained, num_holes: count } = data;
  const sentences = covered === null ? [note] : [fill(words.covered, { share: percent(covered), floor: percent(floor) })];
  if (covered !== null) sentences.push(count === 0 ? words.no_holes : covered < 0.1 ? words.all_missing : fill(count === 1 ? words.one_hole : words.some_holes, { count }));
  find('.verdict').textContent = sentences.filter(Boolean).join(' ');
  const laid = explained ? fill(words.by_pca, { space, first: percent(explained[0]), second: percent(explained[1]) }) : fill(words.by_tsne, { space });
  find('.method').textContent = [fill(words.of_step, { step: data.step.toLocaleString('en'), architecture: data.architecture }), laid].join(' ');
  find('.gaps').replaceChildren(...(data.holes.length ? [make('b', { title: words.holes_help }, words.missing)] : []), ...data.holes.map(holeButton));
}

function holeButton(hole) {
  const faces = hole.rows.map((row) => {
    const face = make('canvas', { 'aria-hidden': 'true' });
    drawTile(face, image, data.sprite, row);
    return face;
  });
  const sentence = hole.name === null ? words.hole : fill(words.hole_class, hole);
  const numbers = fill(words.hole_numbers, { missing: hole.missing, size: hole.size, expected: (hole.expected * hole.size).toFixed(1) });
  const look = () => {
    [around.x, around.y, around.zoom] = [hole.x, hole.y, Math.min(8, Math.max(2.5, 0.5 / hole.radius))];
    unpin();
    draw();
  };
  return make('button', { type: 'button', class: 'hole', title: words.hole_help, onclick: look }, sentence, make('span', { class: 'faces' }, ...faces), make('small', {}, numbers));
}

function drawLegend() {
  const counts = { real: data.num_real, made: data.places.length - data.num_real, holes: data.holes.length };
  const hues = { real: '--pg-real', made: '--pg-fake', holes: '--pg-bad' };
  const toggles = Object.keys(hues).filter((name) => counts[name]).map((name) =>
    make('button', { type: 'button', class: name, 'aria-pressed': String(seen[name]), title: words['help_' + name], onclick: () => change({ [name]: !seen[name] }) },
      make('i', { class: name === 'holes' ? 'ring' : name === 'made' && seen.byClass ? 'square' : '', style: `--swatch: var(${seen.byClass && name !== 'holes' ? '--pg-soft' : hues[name]})` }), fill(words[name], { count: counts[name].toLocaleString('en') })));
  const pictures = make('button', { type: 'button', class: 'pictures', 'aria-pressed': String(seen.pictures), title: words.pictures_help, onclick: () => change({ pictures: !seen.pictures }) }, words.pictures);
  const hue = make('select', { class: 'hue', onchange: (event) => change({ byClass: event.target.value === 'class' }) }, make('option', { value: 'kind' }, words.by_kind), make('option', { value: 'class' }, words.by_class));
  hue.value = seen.byClass ? 'class' : 'kind';
  const names = make('span', { class: 'names' }, ...data.names.map((name, n) => make('span', {}, make('i', { style: `--swatch: ${HUES[n % HUES.length]}` }), name)));
  find('.legend').replaceChildren(...toggles, pictures, ...(data.names.length ? [make('label', { title: words.hue_help }, words.hue, hue)] : []), ...(seen.byClass ? [names] : []));
}

function change(what) {
  Object.assign(seen, what);
  tell();
  unpin();
  if (!data) return;
  drawLegend();
  draw();
}

// ---- asking for a map
const choose = (name, options) => {
  const select = make('select', { id: 'map-' + name, onchange: (event) => set({ [name]: typeof setup[name] === 'number' ? Number(event.target.value) : event.target.value }) },
    ...options.map((value) => make('option', { value }, typeof value === 'number' ? value.toLocaleString('en') : words[value])));
  select.value = setup[name];
  find('.setup').append(make('label', { title: words[name + '_help'] }, words[name], select));
  return select;
};
const selects = { method: choose('method', ['pca', 'tsne']), count: choose('count', [250, 500, 1000]) };
const dice = make('button', { type: 'button', class: 'dice', title: words.dice_help, 'aria-label': words.dice_help, onclick: () => { set({ seed: Math.floor(Math.random() * 1e5) }); go(); } }, words.dice);
const start = make('button', { type: 'button', class: 'main', id: 'map-draw', onclick: go });
const stop = make('button', { type: 'button', id: 'map-stop', hidden: true, title: words.stop_help, onclick: () => trigger('halt', {}) }, words.stop);
find('.setup').append(dice);
find('.go').append(start, stop);

function set(what) {
  Object.assign(setup, what);
  tell();
  enable();
}

function go() {
  complain('');
  asking = { ...setup, version: key(), since: performance.now() };
  enable();
  trigger('draw', { request: asked(setup) });
}

function enable() {
  const stale = data && key() !== version;
  const other = data && ['method', 'count', 'seed'].some((name) => setup[name] !== data.setup[name]);
  start.textContent = stale ? words.again : words.draw;
  start.title = stale ? fill(words.again_help, { step: data.step.toLocaleString('en') }) : words.draw_help;
  start.classList.toggle('quiet', Boolean(data) && !stale && !other);
  start.disabled = dice.disabled = asking !== null || !bus.visitor?.model;
  stop.hidden = working.hidden = asking === null;
  empty.hidden = data !== null;
  empty.textContent = bus.visitor?.model === false ? words.untrained : words.nothing;
  body.hidden = data === null;
  for (const [name, select] of Object.entries(selects)) select.value = setup[name];
}

function progress({ stage, share, seconds }) {
  if (!asking) asking = { ...setup, version: key(), since: performance.now() }; // begun before this page was opened anew
  const whole = (took[asking.method] ?? 0) * asking.count;
  const done = Math.max(share, whole ? Math.min(0.95, seconds / whole) : 0);
  find('.track i').style.width = percent(done);
  const left = whole > seconds + 1 ? fill(words.left, { seconds: Math.ceil(whole - seconds) }) : '';
  find('.said').textContent = [words['at_' + stage], fill(words.elapsed, { seconds: Math.round(seconds) }), left].filter(Boolean).join(' · ');
  enable();
}

async function take(value) {
  if (!value) return;
  if (value.working) return progress(value.working);
  const done = asking;
  if (value.sprite) {
    const picture = await decode(value.sprite);
    [data, image, version, pointed, pinned, marks] = [{ ...value, setup: { method: value.method, count: value.count, seed: value.seed } }, picture, done?.version ?? null, null, false, []];
    took[value.method] = value.seconds / value.count;
  }
  asking = null;
  complain(value.error);
  enable();
  if (!value.sprite) return;
  reset();
  describe();
  drawLegend();
  drawCard();
  element.dataset.painted = String(Number(element.dataset.painted || 0) + 1);
  ring({});
}

// ---- collected points on the map
const ring = latest(async () => {
  if (!data?.explained || key() !== version || !shown()) return;
  const points = tray().points;
  const answer = points.length ? await server.place(asked({ points: points.map(({ point }) => point) })) : { places: [] };
  marks = (answer.places ?? []).map(([x, y], n) => ({ x, y, name: points[n].name }));
  element.dataset.marks = marks.length;
  draw();
});

// ---- looking around
function reset() {
  [around.x, around.y, around.zoom] = [0, 0, 1];
  unpin();
  draw();
}
function unpin() {
  [pointed, pinned] = [null, false];
  drawCard();
}
const middle = (factor) => {
  zoomAt(canvas, factor, canvas.clientWidth / 2, canvas.clientHeight / 2);
  unpin();
  draw();
};
find('.zoom').append(
  make('button', { type: 'button', title: words.closer, 'aria-label': words.closer, onclick: () => middle(1.6) }, '+'),
  make('button', { type: 'button', title: words.further, 'aria-label': words.further, onclick: () => middle(1 / 1.6) }, '−'),
  make('button', { type: 'button', class: 'reset', title: words.reset_help, onclick: reset }, words.reset),
);

steer(canvas, {
  moved: () => {
    if (!data) return;
    unpin();
    drawSoon();
  },
  over: (event) => data && !pinned && pointAt(event, 9),
  clicked: (event) => data && pointAt(event, event.pointerType === 'mouse' ? 9 : 22, true),
  left: () => {
    if (!data || pinned) return;
    unpin();
    drawSoon();
  },
});

function pointAt(event, reach, pin = false) {
  const found = dotAt(canvas, data, seen, ...onCanvas(event), reach);
  if (found === pointed && pin === pinned) return;
  [pointed, pinned] = [found, pin && found !== null];
  drawCard();
  drawSoon();
}

// ---- what the rest of the page hears and says
function tell() {
  bus.views ??= {};
  bus.views.map = { ...setup, ...seen };
  say('view', 'map');
}
function adopt(view) {
  if (!view) return;
  if (['pca', 'tsne'].includes(view.method)) setup.method = view.method;
  if ([250, 500, 1000].includes(view.count)) setup.count = view.count;
  if (Number.isInteger(view.seed) && view.seed >= 0 && view.seed < 2 ** 31) setup.seed = view.seed;
  for (const name of Object.keys(seen)) if (typeof view[name] === 'boolean') seen[name] = view[name];
  enable();
  if (!data) return;
  drawLegend();
  draw();
}

find('.intro').textContent = words.intro;
find('.hint').textContent = words.hint;
find('.plot').title = '';
new ResizeObserver(() => draw()).observe(canvas);
hear('views', () => adopt(bus.views?.map));
hear('tray', () => ring({}));
hear('visitor', (visitor) => {
  if (marks.length && key() !== version) [marks] = [[]]; // of another model they would lie elsewhere
  enable();
  if (!visitor.training) drawSoon();
});
adopt(bus.views?.map);
enable();
follow(() => take(props.value));
// the quick layout is drawn as soon as somebody looks; the slow one when they ask
keepUp((visitor) => {
  if (visitor.model && !visitor.training && !data && !asking && setup.method === 'pca') go();
}, 1e9);
