const scrub = element.querySelector('.scrub');
const now = element.querySelector('.now canvas');
const film = element.querySelector('.film');
const ends = [...element.querySelectorAll('.end')];
const THUMBS = 12;
let image = null;
let sprite = null;
let seeds = [1, 2];
let classes = [0, 0];
let method = 'slerp';
let frame = -1;
let timer = null;
let model = null;

const position = () => Number(scrub.value) / 1000;
const place = () => ({ model, seeds, classes, method, t: position() });

function paint() {
  if (!image) return;
  const index = Math.round(position() * (sprite.count - 1));
  if (index === frame) return;
  frame = index;
  drawTile(now, image, sprite, index);
  element.dataset.frame = index;
}

function moved() {
  paint();
  say('place', place());
}

function show(walk) {
  sprite = walk.sprite;
  frame = -1;
  drawTile(ends[0].querySelector('canvas'), image, sprite, 0);
  drawTile(ends[1].querySelector('canvas'), image, sprite, sprite.count - 1);
  const count = Math.min(THUMBS, sprite.count);
  film.width = count * (sprite.width + 1) - 1;
  film.height = sprite.height;
  const context = film.getContext('2d');
  for (let n = 0; n < count; n++) {
    const index = Math.round((n / (count - 1)) * (sprite.count - 1));
    const x = (index % sprite.columns) * sprite.width;
    const y = Math.floor(index / sprite.columns) * sprite.height;
    context.drawImage(image, x, y, sprite.width, sprite.height, n * (sprite.width + 1), 0, sprite.width, sprite.height);
  }
  element.dataset.frames = sprite.count;
  paint();
}

const ask = latest(async () => {
  if (!model) return;
  const answer = await server.walk(place());
  if (answer.error) return say('notice', answer.error);
  image = await decode(answer.sprite);
  show(answer);
  say('place', place());
});

// the picture in view becomes one of the visitor's points, on the tab "Latent space"
async function keep() {
  const end = { 0: 0, 1: 1 }[position()];
  const names = classes.map((label) => (picked() ? { label } : {}));
  if (end !== undefined) return kept([{ point: { seed: seeds[end], ...names[end] } }]);
  const answer = await server.place(place());
  if (answer.error) return say('notice', answer.error);
  const name = fill(words.between, { a: seeds[0], b: seeds[1], percent: Math.round(100 * position()) });
  kept([{ point: answer.point, name }]);
}

const picked = () => !element.querySelector('select.class').hidden;

function kept(points) {
  collect(points);
  const button = element.querySelector('#walk-keep');
  button.textContent = words.kept;
  setTimeout(() => (button.textContent = words.keep), 1500);
}

function setSeed(end, value) {
  const seed = /^\s*\d+\s*$/.test(value) ? Number(value) : NaN; // empty and fractional are no seeds either
  if (!(seed <= 2147483647)) {
    ends[end].querySelector('input').value = seeds[end];
    return say('notice', words.bad_seed);
  }
  seeds = seeds.map((old, n) => (n === end ? seed : old));
  ends[end].querySelector('input').value = seed;
  ask({});
}

// which classes A and B are of, where the model knows any
function offer(names) {
  element.querySelectorAll('select.class').forEach((picker, n) => {
    picker.hidden = !names.length;
    if (picker.dataset.names !== names.join('\n')) {
      picker.dataset.names = names.join('\n');
      picker.replaceChildren(...names.map((name, index) => make('option', { value: index }, name)));
    }
    picker.value = classes[n];
  });
}

function playing(on) {
  clearInterval(timer);
  timer = null;
  const button = element.querySelector('.play');
  button.textContent = on ? words.pause : words.play;
  button.setAttribute('aria-pressed', on);
  if (!on) return say('place', place());
  let direction = 1;
  let value = Number(scrub.value);
  timer = setInterval(() => {
    if (!element.isConnected) return clearInterval(timer);
    value += direction * 14;
    if (value >= 1000 || value <= 0) direction = value <= 0 ? 1 : -1;
    scrub.value = value;
    moved();
  }, 40);
}

element.querySelector('.title').textContent = words.title;
element.querySelector('.title').title = words.help;
ends.forEach((end, n) => {
  const input = make('input', { type: 'number', min: 0, max: 2147483647, step: 1, value: seeds[n], 'aria-label': words['seed_' + n], id: 'walk-seed-' + n, onchange: (event) => setSeed(n, event.target.value) });
  const shuffle = make('button', { type: 'button', title: words.shuffle_help, 'aria-label': words.shuffle_help, id: 'walk-shuffle-' + n, onclick: () => setSeed(n, Math.floor(Math.random() * 1e6)) }, '⤮');
  const picker = make('select', { class: 'class', hidden: true, title: words.class_help, 'aria-label': words['class_' + n], id: 'walk-class-' + n, onchange: (event) => { classes = classes.map((old, end) => (end === n ? Number(event.target.value) : old)); ask({}); } });
  end.append(make('span', {}, words['end_' + n]), make('canvas', { 'aria-hidden': 'true' }), make('div', { class: 'seed' }, input, shuffle), picker);
});
const select = make('select', { title: words.method_help, id: 'walk-method', 'aria-label': words.method, onchange: (event) => { method = event.target.value; ask({}); } },
  ...['slerp', 'lerp'].map((name) => make('option', { value: name }, words[name])));
element.querySelector('.controls').append(
  make('button', { type: 'button', class: 'play', id: 'walk-play', onclick: () => playing(timer === null) }, words.play),
  make('label', {}, words.method + ' ', select),
  make('button', { type: 'button', id: 'walk-keep', title: words.keep_help, onclick: keep }, words.keep),
  make('button', { type: 'button', id: 'walk-more', title: words.more_help, onclick: () => document.querySelector('#tab-latent-button')?.click() }, words.more),
);
element.querySelector('.tools').append(
  ...['png', 'gif', 'webp'].map((kind) =>
    make('button', { type: 'button', id: 'walk-' + kind, title: words['help_' + kind], onclick: async () => {
      const file = await server.picture({ ...place(), kind });
      if (file.error) say('notice', file.error);
      else save(file);
    } }, words[kind])),
);
scrub.setAttribute('aria-label', words.scrub);
scrub.id = 'walk-scrub';
scrub.addEventListener('input', moved);
film.addEventListener('pointerdown', (event) => {
  scrub.value = Math.round((event.offsetX / film.clientWidth) * 1000);
  moved();
});

const take = async (value) => {
  if (!value) return;
  model = value.model;
  element.classList.toggle('off', !model);
  [scrub, ...element.querySelectorAll('button, select, input')].forEach((node) => (node.disabled = !model));
  if (!value.sprite) {
    image = null;
    playing(false);
    offer([]);
    for (const canvas of element.querySelectorAll('canvas')) canvas.width = canvas.width; // clears it
    return;
  }
  image = await decode(value.sprite);
  seeds = value.seeds;
  method = value.method;
  classes = value.classes;
  offer(value.names);
  select.value = method;
  ends.forEach((end, n) => (end.querySelector('input').value = seeds[n]));
  show(value);
};
follow(() => take(props.value));
hear('moment', (answer) => take(answer.walk));
// another tab has taken this one to a place; the walk itself came with `moment`
hear('go', ({ t }) => {
  clearInterval(timer);
  timer = null;
  element.querySelector('.play').textContent = words.play;
  scrub.value = Math.round(1000 * t);
});
// a point of the tab "Latent space" becomes the end A
hear('start', ({ seed, label }) => {
  if (Number.isInteger(label)) classes = classes.map((old, end) => (end === 0 ? label : old));
  element.querySelectorAll('select.class').forEach((picker, end) => (picker.value = classes[end]));
  scrub.value = 0;
  setSeed(0, String(seed));
});
// the visitor's own session says what it shows when it comes, and would say it over this
function refuseLink() {
  const tell = () => setTimeout(() => say('notice', words.bad_link), 50);
  const wait = ({ detail: { session } }) => {
    if (session === 'home') return;
    bus.removeEventListener('visitor', wait);
    tell();
  };
  if (bus.visitor && bus.visitor.session !== 'home') tell();
  else bus.addEventListener('visitor', wait);
}
followLink(refuseLink);
window.addEventListener('hashchange', () => element.isConnected && followLink(refuseLink));
