// The walk through the collected points, or at random. `view` is all that the visitor chose, as plain JSON: it is
// announced in `bus.views.walk`, and taken over from there (a link, a page that is opened again).
const find = (selector) => element.querySelector(selector);
const [now, film, curve, table] = ['.now canvas', '.film', '.curve', '.table'].map(find);
const [scrub, play, keep, stop, notice, empty, body, progress, more] = ['.scrub', '.play', '.keep', '.stop', '.notice', '.empty', '.body', '.progress', '.more'].map(find);
const FRAME_TIME = 50; // milliseconds, as in the animations
const PATIENCE = 20000; // without news for so long, a walk is asked for again
const view = { speed: 'plain', method: 'slerp', frames: 64, loop: false, space: null, random: false, seed: 1, at: 0, size: 1 };
let walk = null; // the one shown, with its decoded picture in `image`
let image = null;
let frame = -1;
let hovered = null;
let timer = null;
let step = 1;
let asks = 0;
let wanted = null; // what is being made: { key, since, request }
let made = {}; // the request of the walk shown: what is kept or downloaded is what is seen
let shownKey = '';
let again = false;
let waiting = []; // told when a walk has come

const last = () => (walk ? walk.sprite.count - 1 : 0);
const way = () => {
  const { speed, method, frames, loop, space } = view;
  const where = view.random ? { random: view.seed, label: chosen()?.point.label ?? null } : { points: walked().map(({ point }) => point) };
  return { speed, method, frames, loop, space, ...where };
};
const complain = (sentence) => {
  notice.hidden = !sentence;
  notice.textContent = sentence || '';
};

let announcing = null;
function announce() {
  clearTimeout(announcing);
  announcing = setTimeout(() => {
    bus.views ??= {};
    bus.views.walk = { ...view };
    say('view', 'walk');
  }, 200);
}

function adopt(given) {
  if (!given || JSON.stringify(given) === JSON.stringify(view)) return;
  Object.assign(view, valid(given));
  reflect();
  announce(); // without what a stranger's link had wrong
  if (walk) go(Math.round(view.at * last()));
  want();
}

// --- asking

function want() {
  const visitor = bus.visitor;
  if (!visitor?.session || !shown()) return settle();
  const few = !view.random && walked().length < 2;
  empty.hidden = visitor.model && !few;
  empty.textContent = visitor.model ? words.too_few : words.untrained;
  if (!visitor.model || few) {
    playing(false);
    body.hidden = true;
    complain('');
    return settle();
  }
  const key = JSON.stringify([visitor.session, visitor.version, tray().truncation, way()]);
  if (key === (wanted ? wanted.key : shownKey)) return settle();
  if (wanted && performance.now() - wanted.since < PATIENCE) { // one at a time; the next when that has stopped
    again = true;
    if (!visitor.training) trigger('halt', {});
    return;
  }
  again = false;
  asks += 1;
  wanted = { key, since: performance.now(), request: asked({ ...way(), ask: asks }) };
  trigger('go', { request: wanted.request });
}

function settle() {
  if (wanted) return;
  for (const told of waiting.splice(0)) told();
}

async function take(answer) {
  if (!answer || answer.ask !== asks || !wanted) return;
  wanted.since = performance.now();
  progress.hidden = answer.share === undefined;
  if (answer.share !== undefined) return tell(answer.share);
  const { key, request } = wanted;
  if (answer.sprite) {
    const picture = await decode(answer.sprite);
    [walk, image, made] = [answer, picture, request];
    body.hidden = false;
    complain(answer.speed === 'features' && answer.measure === 'pixels' ? words.no_net : '');
    show();
  } else complain(answer.error ?? (again ? '' : words.stopped));
  const other = again;
  shownKey = other && !answer.sprite ? '' : key;
  wanted = null;
  again = false;
  if (other) want();
  settle();
}

function tell(share) {
  body.hidden = false;
  const percent = Math.round(100 * share);
  progress.querySelector('i').style.width = percent + '%';
  progress.querySelector('span').textContent = fill(words.making, { percent });
}

// --- showing

function show() {
  frame = -1;
  scrub.max = last();
  find('.title b').textContent = walk.measure === 'features' ? words.curve_features : words.curve_pixels;
  const mean = walk.change.reduce((sum, value) => sum + value, 0) / walk.change.length;
  find('.evenness').textContent = fill(words.evenness, { mean: sharp(mean), percent: Math.round(100 * walk.unevenness) });
  curve.setAttribute('aria-label', find('.title b').textContent + '. ' + find('.evenness').textContent);
  Object.assign(element.dataset, { frames: walk.sprite.count, measure: walk.measure, space: walk.space, change: JSON.stringify(walk.change), marks: JSON.stringify(walk.marks), unevenness: walk.unevenness });
  reflect();
  draw();
  go(Math.round(view.at * last()));
  element.dataset.painted = String(Number(element.dataset.painted || 0) + 1);
  if (more.open) mix({});
}

function draw() {
  const width = film.parentNode.clientWidth;
  if (!walk || !width) return;
  drawFilm(film, image, walk, width);
  drawCurve(curve, walk, width, hovered);
  const { half } = layout(width, walk.sprite);
  scrub.style.marginLeft = scrub.style.marginRight = Math.max(0, half - 8) + 'px'; // its ends under the first frame and the last
  scrub.style.width = width - 2 * Math.max(0, half - 8) + 'px';
  placeHeads();
}

function placeHeads() {
  const { x } = layout(film.parentNode.clientWidth, walk.sprite);
  for (const head of element.querySelectorAll('.head')) head.style.transform = `translateX(${x(frame)}px)`;
}

// Show one frame; how long that took stands in data-took, and the longest so far in data-slowest.
function go(index) {
  if (!walk || index === frame) return;
  const start = performance.now();
  frame = Math.max(0, Math.min(last(), index));
  drawTile(now, image, walk.sprite, frame);
  scrub.value = frame;
  placeHeads();
  const point = walk.marks.indexOf(frame) + 1;
  find('.where').textContent = fill(point ? words.where_at : words.where, { frame: frame + 1, count: last() + 1, point });
  const took = performance.now() - start;
  Object.assign(element.dataset, { frame, took: took.toFixed(2), slowest: Math.max(took, Number(element.dataset.slowest || 0)).toFixed(2) });
}

function goByHand(index) {
  playing(false);
  go(index);
  view.at = last() ? frame / last() : 0;
  announce();
}

function playing(on) {
  clearInterval(timer);
  timer = null;
  play.textContent = on ? words.pause : words.play;
  play.setAttribute('aria-pressed', on);
  if (!on) return;
  step = 1;
  timer = setInterval(() => {
    if (!shown() || !walk) return;
    if (walk.loop) return go((frame + 1) % (last() + 1));
    if (frame + step > last() || frame + step < 0) step = -step;
    go(frame + step);
  }, FRAME_TIME);
}

// Read the curve: between which frames, and how much.
function read(event) {
  const width = film.parentNode.clientWidth;
  const { x } = layout(width, walk.sprite);
  const gap = x(1) - x(0);
  hovered = Math.max(0, Math.min(last() - 1, Math.floor((event.offsetX - x(0)) / gap)));
  drawCurve(curve, walk, width, hovered);
  find('.reading').textContent = fill(words.reading, { from: hovered + 1, to: hovered + 2, change: sharp(walk.change[hovered]) });
}

// --- controls

const pickers = {};
function picker(name) {
  const change = (event) => choose({ [name]: CHOICES[name].find((choice) => String(choice) === event.target.value) });
  const options = CHOICES[name].map((choice) => make('option', { value: choice }, words[choice] ?? choice));
  pickers[name] = make('select', { id: 'route-' + name, title: words['help_' + name], onchange: change }, ...options);
  return make('label', { title: words['help_' + name], class: name }, words[name], pickers[name]);
}
function box(name) {
  pickers[name] = make('input', { type: 'checkbox', id: 'route-' + name, onchange: (event) => choose({ [name]: event.target.checked }) });
  return make('label', { title: words['help_' + name] }, pickers[name], words[name]);
}
const seedField = make('input', { type: 'number', id: 'route-seed', title: words.seed, 'aria-label': words.seed, min: 0, max: 2147483647, step: 1, onchange: (event) => {
  const seed = event.target.value === '' ? NaN : Number(event.target.value);
  if (isSeed(seed)) return choose({ seed, random: true });
  complain(words.bad_seed);
  reflect();
} });
const dice = make('button', { type: 'button', class: 'dice', id: 'route-dice', title: words.dice, 'aria-label': words.dice, onclick: () => choose({ seed: Math.floor(Math.random() * 1e6), random: true }) }, '⚄');

function choose(change) {
  Object.assign(view, change);
  reflect();
  announce();
  want();
}

function reflect() {
  for (const name of ['speed', 'method', 'frames']) pickers[name].value = view[name];
  for (const name of ['loop', 'random']) pickers[name].checked = view[name];
  pickers.space.value = walk?.space ?? 'z';
  if (view.space) pickers.space.value = view.space;
  find('label.space').hidden = !walk?.styles;
  pickers.method.disabled = view.random || (walk?.styles && pickers.space.value === 'w'); // there it leads nowhere else
  pickers.loop.disabled = view.random;
  seedField.hidden = dice.hidden = !view.random;
  seedField.value = view.seed;
  more.hidden = !walk?.styles;
  if (walk?.styles) reflectSize();
}

// --- laying out

find('.controls').append(picker('speed'), picker('method'), picker('frames'), picker('space'), box('loop'), make('span', { class: 'bar random' }, box('random'), seedField, dice));
find('.tools').append(words.download, ...KINDS.map((kind) => make('button', { type: 'button', id: 'route-' + kind, title: words['help_' + kind], onclick: async (event) => {
  event.target.disabled = true; // an animation takes a moment
  const file = await server.file({ ...made, kind });
  event.target.disabled = false;
  if (file.error) complain(file.error);
  else save(file);
} }, words[kind])));
for (const [node, name, title] of [[play, 'play', words.play_help], [keep, 'keep', words.help_keep], [stop, 'stop', words.help_stop]]) Object.assign(node, { id: 'route-' + name, title });
[keep.textContent, stop.textContent, find('.more summary').textContent, find('.mixing').textContent] = [words.keep, words.stop, words.more, words.mixing];
find('.size span').textContent = words.size;
find('.size').title = words.help_size;
table.setAttribute('aria-label', words.mix_table);
Object.assign(scrub, { id: 'route-scrub', title: words.scrub });
scrub.setAttribute('aria-label', words.scrub);
film.title = words.film;

play.addEventListener('click', () => (timer === null ? playing(true) : goByHand(frame)));
keep.addEventListener('click', async () => {
  const t = walk.positions[frame];
  const answer = await server.keep({ ...made, t });
  if (answer.error) return complain(answer.error);
  collect([{ point: answer.point, name: fill(words.kept_name, { percent: Math.round(100 * t) }), walked: false }]);
});
stop.addEventListener('click', () => trigger('halt', {}));
scrub.addEventListener('input', () => goByHand(Number(scrub.value)));
for (const canvas of [film, curve]) {
  const drag = (event) => goByHand(layout(film.parentNode.clientWidth, walk.sprite).frame(event.offsetX));
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    drag(event);
  });
  canvas.addEventListener('pointermove', (event) => event.buttons && drag(event));
}
curve.addEventListener('pointermove', read);
curve.addEventListener('pointerdown', read);
curve.addEventListener('pointerleave', () => {
  hovered = null;
  find('.reading').textContent = '';
  draw();
});
sizeSlider.addEventListener('input', () => {
  view.size = Number(sizeSlider.value);
  reflectSize();
  announce();
  mix({});
});
more.addEventListener('toggle', () => more.open && mix({}));
new ResizeObserver(draw).observe(film.parentNode);
new MutationObserver(draw).observe(document.body, { attributes: true, attributeFilter: ['class'] });

reflect();
playing(false);
adopt(bus.views?.walk);
hear('views', () => adopt(bus.views?.walk));
hear('tray', () => {
  want();
  if (more.open && walk?.styles) mix({});
});
follow(() => take(props.value));
keepUp(() => new Promise((told) => {
  waiting.push(told);
  want();
}));
