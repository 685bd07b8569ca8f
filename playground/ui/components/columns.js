// Runs side by side: a card each with its sheet at one common place in training. All of it comes from the server function
// `look`; a fork that trains comes as the component's value. The tab's other components hear `runs` and `runs-at`.
const slider = element.querySelector('.together input');
const at = element.querySelector('.at');
const play = element.querySelector('.play');
const cards = element.querySelector('.cards');
const said = element.querySelector('.said');
const chips = element.querySelector('.chips');
const AXES = { step: 'steps', seconds: 'seconds' };
const MAX_SHOWN = 4;
const PAUSE = 350; // milliseconds that a moment stays while playing
const hidden = new Set();
const nodes = new Map(); // what is drawn of each run, by its id
let model = null;
let runs = [];
let differences = [];
let axis = 'step';
let places = [];
let place = null; // null: the newest of each
let timer = null;

const beside = () => runs.filter((run) => run.shown);
const seconds = (value) => (value === null || value === undefined ? '–' : value.toFixed(1));
const number = (value) => (value === null ? '–' : value.toLocaleString('en'));
element.querySelector('.title').textContent = words.title;
element.querySelector('.empty').textContent = words.empty;
slider.setAttribute('aria-label', words.slider);
play.id = 'runs-play';

function tell(sentence, bad = false) {
  said.textContent = sentence || '';
  said.classList.toggle('bad', bad);
}

// the last moment of a run that is not after the common place
function index(run) {
  const moments = run[AXES[axis]];
  if (place === null) return moments.length - 1;
  return Math.max(0, moments.findLastIndex((moment) => moment <= place));
}

const askSheets = latest(async () => {
  const moments = Object.fromEntries(beside().filter((run) => !run.live || place !== null).map((run) => [run.id, run.steps[index(run)] ?? null]));
  if (!Object.keys(moments).length) return;
  const answer = await server.sheets({ model, moments });
  if (answer.error) return tell(answer.error, true);
  await Promise.all(Object.entries(answer.sheets).map(([id, sheet]) => nodes.has(id) && paint(nodes.get(id), sheet)));
  element.dataset.drawn = Number(element.dataset.drawn || 0) + 1;
});

async function paint(node, sheet) {
  const { sprite } = sheet;
  const image = await decode(sprite);
  const canvas = node.canvas;
  const rows = Math.ceil(sprite.count / sprite.columns);
  canvas.width = sprite.columns * (sprite.width + 1) - 1;
  canvas.height = rows * (sprite.height + 1) - 1;
  const context = canvas.getContext('2d');
  for (let n = 0; n < sprite.count; n++) {
    const [x, y] = [n % sprite.columns, Math.floor(n / sprite.columns)];
    context.drawImage(image, x * sprite.width, y * sprite.height, sprite.width, sprite.height, x * (sprite.width + 1), y * (sprite.height + 1), sprite.width, sprite.height);
  }
  node.card.dataset.step = sheet.step;
  const early = place !== null && sheet.seconds !== null && (axis === 'step' ? sheet.step : sheet.seconds) > place;
  node.moment.textContent = fill(early ? words.begins : words.moment, { step: number(sheet.step), seconds: seconds(sheet.seconds) });
}

async function act(ask) {
  const answer = await ask;
  if (answer.error) return tell(answer.error, true);
  tell(answer.said);
  take(answer);
}

const asked = () => ({ model, hidden: [...hidden] });
const refresh = latest(async () => {
  const answer = await server.look(asked());
  if (answer.error) return tell(answer.error, true);
  take(answer);
});

function build(run) {
  const name = make('input', { 'aria-label': words.name, maxlength: 60, onchange: (event) => act(server.rename({ ...asked(), run: run.id, title: event.target.value })) });
  const button = (kind, action) => make('button', { type: 'button', class: kind, 'data-do': kind, onclick: action });
  const node = {
    card: make('article', { class: 'card', 'data-run': run.id, style: '--run:' + runColour(run) }),
    name,
    tag: make('span', { class: 'tag' }),
    canvas: make('canvas', { role: 'img', width: 6, height: 6 }),
    moment: make('div', { class: 'moment' }),
    whole: make('div', { class: 'soft whole' }),
    parent: make('div', { class: 'soft parent' }),
    state: make('div', { class: 'state' }, make('span', { class: 'lamp', 'aria-hidden': 'true' }), make('span', { class: 'sentence' })),
    tools: {
      keep: button('keep', () => act(server.keep(asked()))),
      show: button('show', () => trigger('show', { run: run.id })),
      fork: button('fork', () => say('fork-of', run.id)),
      save: button('save', () => trigger('save', { run: run.id })),
      remove: button('remove', () => act(server.remove({ ...asked(), run: run.id }))),
    },
  };
  for (const [kind, tool] of Object.entries(node.tools)) [tool.textContent, tool.title] = [words['do_' + kind], words['help_' + kind]];
  node.card.append(make('div', { class: 'name' }, markOf(run), name, node.tag), make('div', { class: 'body' }, node.canvas, make('div', { class: 'facts' }, node.moment, node.whole, node.parent, node.state, make('div', { class: 'tools' }, ...Object.values(node.tools)))));
  return node;
}

function update(node, run) {
  const training = bus.visitor?.training ?? false;
  if (document.activeElement !== node.name) node.name.value = run.title;
  node.name.title = run.title + ' – ' + words.name_help;
  node.canvas.setAttribute('aria-label', run.title);
  node.tag.textContent = run.live ? words.live : run.current ? words.current : words.kept;
  node.tag.classList.toggle('live', run.live);
  node.whole.textContent = fill(words.whole, { step: number(run.step), seconds: seconds(run.trained), quality: run.quality === null ? '–' : plain(run.quality) });
  const changes = Object.entries(run.changes).map(([key, value]) => key.split('.')[1].replaceAll('_', ' ') + ' ' + value).join(', ');
  const what = changes || (run.note ? words.unchanged : '');
  node.parent.textContent = run.parent ? fill(words.parent, { title: run.parent.title, step: number(run.parent.step) }) + (what && ': ' + what) : '';
  node.parent.title = run.note;
  const state = run.diagnosis?.state;
  node.state.className = 'state' + (['learning', 'finished'].includes(state) ? ' good' : state && state !== 'warming-up' ? ' bad' : '');
  node.state.querySelector('.sentence').textContent = run.diagnosis?.sentence ?? words.undiagnosed;
  const { keep, show, fork, save, remove } = node.tools;
  keep.hidden = !run.current;
  keep.textContent = run.kept ? words.keep_again : words.do_keep;
  keep.classList.toggle('main', !run.kept);
  show.hidden = run.current;
  remove.hidden = !run.kept;
  keep.disabled = fork.disabled = save.disabled = !run.steps.length;
  show.disabled = training;
  remove.disabled = run.live;
}

function take(answer) {
  ({ model, runs, differences } = answer);
  draw();
  askSheets({});
}

function draw() {
  const side = beside();
  element.dataset.runs = side.length;
  element.querySelector('.empty').hidden = side.some((run) => run.steps.length > 1);
  for (const [id, node] of nodes) {
    const run = side.find((found) => found.id === id);
    if (run && run.mark === node.mark) continue;
    node.card.remove();
    nodes.delete(id);
  }
  side.forEach((run, n) => {
    if (!nodes.has(run.id)) nodes.set(run.id, { ...build(run), mark: run.mark });
    const node = nodes.get(run.id);
    if (cards.children[n] !== node.card) cards.insertBefore(node.card, cards.children[n] ?? null);
    update(node, run);
  });
  chips.replaceChildren(...(runs.length < 2 ? [] : runs.map(chip)));
  rule();
  bus.runs = { model, runs, differences };
  say('runs', bus.runs);
}

function chip(run) {
  const full = !run.shown && beside().length >= MAX_SHOWN;
  const box = make('input', { type: 'checkbox', onchange: () => {
    run.shown ? hidden.add(run.id) : hidden.delete(run.id);
    refresh({});
  } });
  [box.checked, box.disabled] = [run.shown, full];
  return make('label', { title: full ? words.full : words.chip_help }, box, markOf(run), make('span', {}, run.title));
}

// the common slider over all moments of the runs side by side
function rule() {
  places = [...new Set(beside().flatMap((run) => run[AXES[axis]]))].sort((a, b) => a - b);
  slider.max = Math.max(0, places.length - 1);
  const found = place === null ? -1 : places.findIndex((moment) => moment >= place);
  slider.value = found < 0 ? places.length - 1 : found;
  if (found < 0) place = null;
  slider.disabled = play.disabled = places.length < 2;
  element.querySelector('.together').hidden = places.length < 2;
  label();
}

function label() {
  at.textContent = place === null ? words.newest : fill(axis === 'step' ? words.at_step : words.at_seconds, { step: number(place), seconds: seconds(place) });
  bus.runsAt = { axis, place };
  say('runs-at', bus.runsAt);
}

function moved() {
  place = Number(slider.value) >= places.length - 1 ? null : places[Number(slider.value)];
  label();
  askSheets({});
}

function choose(name) {
  axis = name;
  place = null;
  for (const button of element.querySelectorAll('.axis button')) button.setAttribute('aria-checked', button.dataset.axis === axis);
  rule();
  askSheets({});
}

function playing(on) {
  clearInterval(timer);
  timer = null;
  play.textContent = on ? words.pause : words.play;
  if (!on) return;
  if (place === null) slider.value = 0;
  moved();
  timer = setInterval(() => {
    if (!element.isConnected) return clearInterval(timer);
    slider.value = Number(slider.value) + 1;
    moved();
    if (place === null) playing(false);
  }, PAUSE);
}

element.querySelector('.axis').append(...Object.keys(AXES).map((name) => make('button', { type: 'button', role: 'radio', 'data-axis': name, onclick: () => choose(name) }, words['by_' + name])));
slider.addEventListener('input', () => { playing(false); moved(); });
play.addEventListener('click', () => playing(timer === null));
hear('runs-go', (value) => {
  slider.value = places.reduce((best, moment, n) => (Math.abs(moment - value) < Math.abs(places[best] - value) ? n : best), 0);
  moved();
});
// the status line is on the first tab: what it says is said here too
hear('status', (news) => shown() && tell([news.message, news.numbers].filter(Boolean).join(' '), news.bad));
hear('notice', (news) => shown() && tell(news.sentence ?? news, news.bad ?? true));
hear('kept', () => model && refresh({})); // on the first tab: nothing else would tell it
hear('training', () => shown() && model && refresh({}));
playing(false);
choose('step');
keepUp((visitor) => {
  if (visitor.session !== model) hidden.clear();
  model = visitor.session;
  return refresh({});
});
follow(() => {
  const value = props.value || {};
  if (value.changed && model) refresh({});
  if (!value.live || value.model !== model) return;
  const before = runs.find((run) => run.id === value.live.id);
  if (!before) return refresh({});
  Object.assign(before, value.live);
  draw();
  if (before.shown && place === null) paint(nodes.get(before.id), value.live.sheet);
});
