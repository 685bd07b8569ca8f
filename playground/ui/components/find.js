// Where in latent space is this picture? Left the target, right the search for it, below the training images nearest to it.
const $ = (selector) => element.querySelector(selector);
const SOURCES = ['draw', 'file', 'real', 'point'];
const view = { source: 'draw', invert: null, centre: null, pen: 22, seed: 1 };
let file = null; // the data address of the chosen file
let prepared = null; // what the server made of the target
let found = null;
let running = false;
let curve = [];

const levels = (number) => (number === null ? '–' : String(number));
const complain = (sentence) => {
  $('.notice').hidden = !sentence;
  $('.notice').textContent = sentence || '';
};

function share() {
  bus.views ??= {};
  bus.views.find = { ...view };
  say('view', 'find');
}

function takeOver() {
  const kept = bus.views?.find;
  if (!kept || typeof kept !== 'object') return;
  if (SOURCES.includes(kept.source)) view.source = kept.source;
  for (const name of ['invert', 'centre']) if (typeof kept[name] === 'boolean' || kept[name] === null) view[name] = kept[name];
  if (Number.isFinite(kept.pen)) view.pen = Math.min(60, Math.max(6, kept.pen));
  if (Number.isInteger(kept.seed) && kept.seed >= 0) view.seed = kept.seed;
  reflect();
}

const pad = sketch($('.drawing'), () => aim({}));

function request() {
  const { source } = view;
  const image = source === 'draw' ? (pad.empty() ? null : pad.url()) : source === 'file' ? file : null;
  if ((source === 'draw' || source === 'file') && !image) return null;
  if (source === 'point' && !chosen()) return null;
  const point = source === 'point' ? chosen().point : null;
  return asked({ source, image, point, seed: view.seed, invert: view.invert, centre: view.centre });
}

// show what becomes of the target before anything is searched
const aim = latest(async () => {
  const wanted = request();
  if (!wanted) return blank();
  const answer = await server.target(wanted);
  if (answer.error) {
    blank();
    return complain(answer.error);
  }
  complain('');
  prepared = answer;
  drawTile(trio[0].canvas, await decode(answer.sprite), answer.sprite, 0);
  offer(answer);
  enable();
});

function blank() {
  prepared = null;
  const { canvas } = trio[0];
  canvas.getContext('2d').clearRect(0, 0, canvas.width, canvas.height);
  complain('');
  enable();
}

function offer({ names, colour, inverted, centred, held_out: heldOut }) {
  swatches.hidden = !colour;
  const select = $('.label');
  if (select.dataset.names !== names.join()) {
    select.dataset.names = names.join();
    select.replaceChildren(make('option', { value: '' }, words.any), ...names.map((name, n) => make('option', { value: n }, name)));
  }
  select.hidden = !names.length;
  invert.checked = Boolean(inverted);
  centre.checked = Boolean(centred);
  trio[0].number.textContent = heldOut === undefined ? '' : heldOut ? words.held_out : words.of_training;
}

function enable() {
  $('.go').disabled = running || !prepared;
  $('.pad').classList.toggle('blank', !prepared);
  $('.halt').disabled = !running;
}

const press = (name, action, kind = '') => make('button', { type: 'button', class: kind, title: words['help_' + name], onclick: action }, words[name]);

function choose(source) {
  view.source = source;
  reflect();
  share();
  aim({});
}

function reflect() {
  for (const button of $('.sources').children) button.setAttribute('aria-pressed', button.dataset.source === view.source);
  $('.pad').hidden = view.source !== 'draw';
  $('.drop').hidden = view.source !== 'file';
  dice.hidden = view.source !== 'real';
  for (const label of [invert.parentElement, centre.parentElement]) label.hidden = !['draw', 'file'].includes(view.source);
  pen.value = view.pen;
  pad.pen(view.pen);
}

const check = (name) => make('input', { type: 'checkbox', onchange: (event) => {
  view[name] = event.target.checked;
  share();
  aim({});
} });
const [invert, centre] = ['invert', 'centre'].map(check);
const dice = press('dice', () => {
  view.seed = Math.floor(Math.random() * 1e6);
  share();
  aim({});
}, 'dice');
$('.options').append(
  make('label', { title: words.help_invert }, invert, words.invert), make('label', { title: words.help_centre }, centre, words.centre), dice);
const pen = make('input', { type: 'range', min: 6, max: 60, step: 2, title: words.help_pen, 'aria-label': words.pen, oninput: () => {
  view.pen = Number(pen.value);
  pad.pen(view.pen);
  share();
} });
const swatches = make('span', { class: 'bar', hidden: true }, ...INKS.map((ink) =>
  make('button', { type: 'button', class: 'swatch', style: '--ink: ' + ink, title: words.help_ink, 'aria-label': words.help_ink, onclick: (event) => {
    pad.colour(ink);
    for (const other of swatches.children) other.setAttribute('aria-pressed', other === event.target);
  } })));
$('.pens').append(make('label', {}, words.pen, pen), press('undo', pad.undo), press('clear', pad.clear), swatches);
$('.sources').append(...SOURCES.map((source) => make('button',
  { type: 'button', 'data-source': source, title: words['help_' + source], onclick: () => choose(source) }, words[source])));
$('.intro').textContent = words.intro;
$('.empty').textContent = words.untrained;
$('.drawing').setAttribute('aria-label', words.help_draw);
$('.drop span').textContent = words.drop;
$('.label').title = words.help_label;

async function takeFile(picked) {
  if (!picked) return;
  try {
    file = await smallPicture(picked);
  } catch {
    return complain(words.unreadable);
  }
  [view.invert, view.centre] = [null, null]; // another picture is judged anew
  choose('file');
}
$('.drop input').addEventListener('change', (event) => takeFile(event.target.files[0]));
for (const [name, over] of [['dragover', true], ['dragleave', false], ['drop', false]]) {
  $('.left').addEventListener(name, (event) => {
    event.preventDefault();
    $('.drop').classList.toggle('over', over);
    if (name === 'drop') takeFile(event.dataTransfer.files[0]);
  });
}

const trio = ['target', 'best', 'difference'].map((name) => {
  const canvas = make('canvas', { role: 'img', 'aria-label': words[name] });
  const number = make('b');
  $('.trio').append(make('figure', { title: words['help_' + name] }, canvas, make('figcaption', {}, words[name], number)));
  return { canvas, number };
});

Object.assign($('.go'), { textContent: words.go, title: words.help_go, onclick: () => {
  const wanted = request();
  if (!wanted) return;
  const label = $('.label').value;
  [running, found, curve] = [true, null, []];
  $('.result').hidden = true;
  $('.verdict').textContent = '';
  $('.clock').textContent = words.waiting;
  enable();
  trigger('go', { request: { ...wanted, label: $('.label').hidden || label === '' ? null : Number(label) } });
} });
Object.assign($('.halt'), { textContent: words.halt, title: words.help_halt, onclick: () => trigger('halt', {}) });

const keepIt = () => collect([{ point: found.point, name: words.name }]);
$('.result').append(press('keep', () => keepIt()), press('walk', () => {
  keepIt();
  document.querySelector('#panel-walk-button')?.click();
}), press('around', () => neighbours(found.point)));

async function drawThree({ sprite }) {
  const image = await decode(sprite);
  for (let n = 0; n < sprite.count; n++) drawTile(trio[n].canvas, image, sprite, n);
}

function drawCurve() {
  const canvas = $('.curve');
  const box = canvas.getBoundingClientRect();
  if (!box.width) return;
  const ratio = window.devicePixelRatio || 1;
  [canvas.width, canvas.height] = [Math.round(box.width * ratio), Math.round(box.height * ratio)];
  const context = canvas.getContext('2d');
  context.scale(ratio, ratio);
  context.font = '11px system-ui, sans-serif';
  context.fillStyle = colour('--pg-soft');
  context.fillText(words.curve, 8, 14);
  const shownValues = curve.filter((value) => value !== null);
  if (!shownValues.length) return;
  const top = Math.max(...shownValues, 1);
  const y = (value) => 20 + (1 - Math.max(0, value) / top) * (box.height - 28);
  context.textAlign = 'right';
  context.fillText(levels(shownValues[shownValues.length - 1]), box.width - 8, 14);
  context.strokeStyle = colour('--pg-fake');
  context.lineWidth = 1.8;
  context.beginPath();
  shownValues.forEach((value, n) => context.lineTo(8 + (n / Math.max(1, shownValues.length - 1)) * (box.width - 16), y(value)));
  context.stroke();
  canvas.dataset.points = shownValues.length;
}

function showProgress(value) {
  running = true;
  curve = value.curve;
  drawThree(value);
  drawCurve();
  trio[1].number.textContent = fill(words.levels, { levels: levels(value.levels) });
  $('.meter i').style.width = 100 * value.fraction + '%';
  $('.clock').textContent = fill(words.clock, { stage: words['stage_' + value.stage], seconds: value.seconds, remaining: value.remaining, step: value.step });
  decode(value.starts).then((image) => $('.starts').replaceChildren(...Array.from({ length: value.starts.count }, (_, n) => {
    const canvas = make('canvas', { title: words.help_starts });
    drawTile(canvas, image, value.starts, n);
    return canvas;
  })));
  enable();
}

function showFound(value) {
  if (found?.point.values === value.point.values) return enable(); // the last answer comes twice
  [running, found, curve] = [false, value, value.curve];
  drawThree(value);
  drawCurve();
  trio[1].number.textContent = fill(words.levels, { levels: levels(value.levels) });
  $('.meter i').style.width = '100%';
  $('.clock').textContent = fill(words.ended, { seconds: value.seconds, step: value.step });
  const kind = value.exact ? 'exact' : value.levels < 0.6 * value.drawn_levels ? 'near' : 'far';
  const more = [value.score === null ? '' : fill(words.score, value), value.label === null ? '' : fill(words.in_class, value)];
  $('.verdict').textContent = [fill(words['found_' + kind], value), ...more].filter(Boolean).join(' ');
  $('.result').hidden = false;
  element.dataset.found = Number(element.dataset.found || 0) + 1;
  enable();
}

function neighbours(point) {
  $('.said').textContent = words.reading;
  trigger('near', { request: asked({ point }) });
}

function showNear(value) {
  const { sprite, features } = value;
  decode(sprite).then((image) => $('.row').replaceChildren(...Array.from({ length: sprite.count }, (_, n) => {
    const canvas = make('canvas', { role: 'img', 'aria-label': n ? words.training : words.sample });
    drawTile(canvas, image, sprite, n);
    const [apart, pixels] = n ? [features ? features[n - 1] : null, value.levels[n - 1]] : [null, null];
    const lines = n ? [apart === null ? '' : fill(words.apart, { apart }), fill(words.levels, { levels: pixels })] : [words.sample];
    return make('figure', { title: n ? words.help_near : words.sample }, canvas, make('figcaption', {}, ...lines.filter(Boolean).map((line) => make('b', {}, line))));
  })));
  const gaps = { ...value, searched: value.searched.toLocaleString('en'), of: value.of.toLocaleString('en'), usual_apart: features ? value.usual : value.usual_levels };
  $('.said').textContent = fill(words['verdict_' + value.verdict], gaps) + ' ' + fill(words.searched, gaps);
  element.dataset.near = Number(element.dataset.near || 0) + 1;
}

$('.neighbours .title').textContent = words.neighbours;
Object.assign($('.look'), { textContent: words.look, title: words.help_look, onclick: () => chosen() && neighbours(chosen().point) });

follow(() => {
  const value = props.value;
  if (value?.kind === 'progress') showProgress(value);
  if (value?.kind === 'started') drawThree(value);
  if (value?.kind === 'found') showFound(value);
  if (value?.kind === 'reading') $('.said').textContent = fill(words.reading_share, { share: Math.round(100 * value.fraction) });
  if (value?.kind === 'near') showNear(value);
  if (value?.kind !== 'refused') return;
  if (value.what === 'near') $('.said').textContent = value.sentence;
  else {
    running = false;
    $('.clock').textContent = '';
    complain(value.sentence);
    enable();
  }
});
hear('views', takeOver);
hear('tray', () => view.source === 'point' && aim({}));
new ResizeObserver(drawCurve).observe(element);
reflect();
takeOver();
enable();
keepUp(async (visitor) => {
  $('.empty').hidden = visitor.model;
  $('.body').hidden = $('.neighbours').hidden = !visitor.model;
  if (visitor.model) await aim({});
});
$('.pad').dataset.hint = words.here;
