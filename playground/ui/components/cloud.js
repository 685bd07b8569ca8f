// The plane of points: real and made ones, what D says of it, pulls, and the generator's grid. It stands in the sheet's
// place where samples are points. Between two frames of a run it draws what lies between them.
const find = (selector) => element.querySelector(selector);
const canvas = find('canvas');
const hint = find('.hint');
const picker = find('select');
const chosen = new Set(LAYERS);
const QUICKEST = 100, LONGEST_WAY = 1500; // milliseconds between two frames that are bridged
let target = null; // the newest frame
let origin = null; // what was on the screen when it came
let came = 0;
let way = 0; // milliseconds from one to the other
let ticking = false;
let running = false;
let strokes = null; // of a drawing that is being made
const drawnAt = [];

const share = () => (way ? Math.min(1, (performance.now() - came) / way) : 1);

// ---------------------------------------------------------------- frames

function receive(value) {
  const block = element.closest('.pg-component');
  const sheet = document.getElementById('sheet');
  block.style.display = value?.shown ? '' : 'none';
  if (sheet) sheet.style.display = value?.shown ? 'none' : '';
  if (!value?.shown) {
    target = origin = null;
    element.dataset.shown = false;
    return;
  }
  const now = performance.now();
  const next = frameOf(value);
  const goesOn = running && target?.fake && next.fake && target.model === next.model && next.step >= target.step;
  origin = goesOn ? mixed(origin, target, share()) : null;
  way = goesOn ? Math.max(QUICKEST, Math.min(LONGEST_WAY, now - came)) : 0;
  [target, came] = [next, now];
  describe(value);
  tick();
}

function tick() {
  if (ticking) return;
  ticking = true;
  requestAnimationFrame(function frame() {
    paint();
    ticking = target !== null && strokes === null && share() < 1 && shown();
    element.dataset.moving = ticking;
    if (ticking) requestAnimationFrame(frame);
  });
}

function paint() {
  const side = canvas.clientWidth;
  if (!target || !side) return;
  const sharp = Math.round(side * Math.min(2, window.devicePixelRatio || 1));
  if (canvas.width !== sharp) canvas.width = canvas.height = sharp;
  const context = canvas.getContext('2d');
  context.setTransform(sharp / side, 0, 0, sharp / side, 0, 0);
  if (strokes) return paintStrokes(context, side);
  element.dataset.layers = paintPlane(context, mixed(origin, target, share()), side, chosen).join(' ');
  count();
}

function count() {
  const now = performance.now();
  drawnAt.push(now);
  while (drawnAt[0] < now - 1000) drawnAt.shift();
  element.dataset.rate = drawnAt.length; // frames in the last second
  element.dataset.painted = String(Number(element.dataset.painted || 0) + 1);
}

// ---------------------------------------------------------------- what stands around it

const signs = { real: ['', '--pg-real', ''], fake: ['', '--pg-fake', ''], surface: ['square', '--pg-disc', ''], pulls: ['arrow', '--pg-grad', '→'], manifold: ['arrow', '--pg-fake', '▦'] };
function toggle(name) {
  const [shape, hue, sign] = signs[name];
  const help = () => words['help_' + name] + (name === 'manifold' && target?.latent_dim > 2 ? ' ' + fill(words.others, { count: target.latent_dim - 2 }) : '');
  const button = make('button', { type: 'button', 'data-layer': name, 'aria-pressed': true, title: help() }, make('i', { class: shape, style: `--hue:var(${hue})`, 'aria-hidden': 'true' }, sign), words['layer_' + name]);
  button.addEventListener('click', () => {
    chosen.has(name) ? chosen.delete(name) : chosen.add(name);
    button.setAttribute('aria-pressed', chosen.has(name));
    find('.scale').hidden = !chosen.has('surface') || !target?.surface;
    tick();
  });
  button.addEventListener('pointerenter', () => (button.title = help()));
  return button;
}

const turnButton = (turn) => make('button', { type: 'button', class: turn, title: words['help_' + turn], onclick: () => trigger('turn', { turn }) }, words['turn_' + turn]);

const exact = (value) => (value === null ? '–' : Number.isInteger(value) ? String(value) : value.toFixed(Math.abs(value) < 0.1 ? 3 : 2));
function figure({ name, value, real }) {
  const title = { kl: words.kl, js: words.js }[name] ?? name;
  const help = { kl: words.kl_help, js: words.js_help }[name] ?? '';
  return make('span', { title: `${help} ${fill(words.of_real, { value: exact(real) })}`.trim(), 'data-figure': name }, title + ' ', make('b', {}, exact(value)));
}

function describe(value) {
  const trained = value.model !== null;
  find('.caption').replaceChildren(make('b', {}, words.title), ' ', trained ? fill(words.at_step, { step: value.step.toLocaleString('en') }) : words.untrained);
  find('.caption').title = find('.caption').textContent;
  find('.figures').replaceChildren(...value.figures.map(figure));
  find('.scale').hidden = !chosen.has('surface') || !value.surface;
  if (!picker.childElementCount) picker.append(...value.shapes.map((name) => make('option', { value: name }, name)));
  picker.value = value.data[0];
  Object.assign(element.dataset, { shown: true, step: value.step, data: value.data[0], drawn: value.data[1] });
  canvas.setAttribute('aria-label', fill(words.described, { data: value.data[0] }));
}

// ---------------------------------------------------------------- the pencil

function pencil(on) {
  strokes = on ? [] : null;
  find('.frame').classList.toggle('draws', on);
  find('.pencil').setAttribute('aria-pressed', on);
  for (const part of ['.layers', '.turns', '.scale']) find(part).hidden = on;
  find('.drawing').hidden = hint.hidden = !on;
  if (!on) find('.scale').hidden = !chosen.has('surface') || !target?.surface;
  tick();
}

function paintStrokes(context, side) {
  const place = ([x, y]) => [((x / target.span + 1) / 2) * side, ((1 - y / target.span) / 2) * side];
  context.clearRect(0, 0, side, side);
  context.lineWidth = 3;
  context.lineCap = context.lineJoin = 'round';
  context.strokeStyle = colour('--pg-real');
  for (const stroke of strokes) {
    context.beginPath();
    stroke.forEach((point, n) => context[n ? 'lineTo' : 'moveTo'](...place(point)));
    if (stroke.length === 1) context.lineTo(...place(stroke[0]));
    context.stroke();
  }
  element.dataset.strokes = strokes.length;
}

const pointAt = (event) => {
  const box = canvas.getBoundingClientRect();
  const limit = (value) => Math.max(-1, Math.min(1, value));
  return [limit(((event.clientX - box.left) / box.width * 2 - 1) * target.span), limit((1 - (event.clientY - box.top) / box.height * 2) * target.span)];
};
canvas.addEventListener('pointerdown', (event) => {
  if (!strokes) return;
  event.preventDefault();
  canvas.setPointerCapture(event.pointerId);
  strokes.push([pointAt(event)]);
  hint.hidden = true;
  tick();
});
canvas.addEventListener('pointermove', (event) => {
  if (!strokes?.length || !canvas.hasPointerCapture(event.pointerId)) return;
  strokes.at(-1).push(pointAt(event));
  tick();
});

function use() {
  const text = strokes.length ? written(strokes) : '';
  if (!text) return (hint.hidden = false);
  trigger('draw', { drawn: text });
  pencil(false);
}

// ---------------------------------------------------------------- at the start

const tool = (name, act) => make('button', { type: 'button', class: name, title: words[name + '_help'], onclick: act }, words[name]);
const wipe = () => {
  strokes = [];
  hint.hidden = false;
  tick();
};
find('.drawing').append(tool('use', use), tool('clear', wipe), tool('cancel', () => pencil(false)));
find('.layers').append(...['real', 'fake', 'surface', 'pulls', 'manifold'].map(toggle));
find('.layers').setAttribute('aria-label', words.layers);
find('.turns').append(...['discriminator', 'generator'].map(turnButton));
find('.low').textContent = words.says_fake;
find('.high').textContent = words.says_real;
find('.scale').title = words.scale_help;
hint.textContent = words.hint;
picker.title = words.shape_help;
picker.setAttribute('aria-label', words.shape);
picker.addEventListener('change', () => trigger('edit', { key: 'data.shape', value: picker.value }));
canvas.setAttribute('role', 'img');
for (const [name, act] of [['pencil', () => pencil(strokes === null)], ['png', () => save({ name: `points-step${target.step}.png`, data: canvas.toDataURL('image/png') })]]) {
  const button = find('.' + name);
  button.textContent = words[name];
  button.title = words[name + '_help'];
  button.addEventListener('click', act);
}
new ResizeObserver(() => tick()).observe(canvas);
new MutationObserver(() => tick()).observe(document.body, { attributes: true, attributeFilter: ['class'] }); // dark or light
hear('training', (on) => {
  running = on;
  for (const button of element.querySelectorAll('.turns button, .pencil, select')) button.disabled = on;
  if (on && strokes) pencil(false);
});
hear('moment', (answer) => receive(answer.cloud));
follow(() => receive(props.value));
