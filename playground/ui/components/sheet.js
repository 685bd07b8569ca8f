const canvas = element.querySelector('canvas');
const caption = element.querySelector('.caption');
const empty = element.querySelector('.empty');
const tool = element.querySelector('.save');
const real = element.querySelector('.real');
const picker = element.querySelector('select');
const holder = element.querySelector('.holder');
const rowNames = element.querySelector('.rows');
const lines = element.querySelector('.lines');
const GAP = 1;
let running = false;
let showing = null;
let stopClip = () => {};

const chosen = () => (picker.hidden || picker.value === '' ? null : Number(picker.value));
tool.textContent = words.download;
tool.title = words.download_help;
tool.addEventListener('click', async () => {
  const file = await server.picture({ model: props.value.model, kind: 'sheet', label: chosen() });
  if (file.error) say('notice', file.error);
  else save(file);
});
canvas.setAttribute('role', 'img');

picker.title = words.pick_help;
picker.setAttribute('aria-label', words.pick_help);
picker.addEventListener('change', latest(async () => {
  const answer = await server.sheet({ model: props.value.model, label: chosen() });
  if (answer.error) say('notice', answer.error);
  else await draw(answer);
}));
real.textContent = words.real;
real.title = words.real_help;
real.addEventListener('click', latest(async () => {
  const wanted = real.getAttribute('aria-pressed') !== 'true';
  const answer = wanted ? await server.real({ model: props.value.model }) : await server.sheet({ model: props.value.model, label: null });
  if (answer.error) return say('notice', answer.error);
  await draw(answer);
}));
hear('training', (on) => {
  running = on;
  real.disabled = on;
  picker.disabled = on;
});

function offer(value) {
  const names = (value.sprite || value.lines.length) && !value.real ? value.classes : [];
  picker.hidden = !names.length;
  picker.disabled = running;
  if (picker.dataset.names !== names.join('\n')) {
    picker.dataset.names = names.join('\n');
    picker.replaceChildren(make('option', { value: '' }, words.all), ...names.map((name, n) => make('option', { value: n }, name)));
  }
  picker.value = value.label ?? '';
}

function nameRows(rows) {
  holder.classList.toggle('table', rows.length > 0);
  rowNames.replaceChildren(...rows.map((name) => make('span', { title: name }, make('b', {}, name))));
}

async function draw(value) {
  const title = value.real ? words.real_title : words.title;
  const filled = Boolean(value.sprite || value.lines.length);
  real.setAttribute('aria-pressed', Boolean(value.real));
  real.hidden = !filled;
  element.classList.toggle('shows-real', Boolean(value.real));
  caption.replaceChildren(make('b', {}, title), ' ', value.caption || '');
  canvas.setAttribute('aria-label', title + ' ' + (value.caption || '') + (value.sound ? ' ' + words.sound_help : ''));
  canvas.title = value.sound ? words.sound_help : '';
  caption.title = value.caption || '';
  if (!value.real) element.dataset.step = value.step;
  empty.hidden = filled;
  tool.hidden = !filled || value.real;
  offer(value);
  nameRows(value.rows || []);
  stopClip();
  stopClip = () => {};
  showing = value;
  element.classList.toggle('moving', value.frames > 0);
  element.classList.toggle('sounding', Boolean(value.sound));
  lines.hidden = !value.lines.length;
  canvas.hidden = value.lines.length > 0;
  if (!filled) {
    empty.textContent = words.empty;
    canvas.width = canvas.height = 6;
    return;
  }
  if (value.lines.length) write(value.lines);
  else await paint(value);
  element.dataset.painted = String(Number(element.dataset.painted || 0) + 1);
}

function write(texts) {
  const scale = scaleOf(texts);
  lines.replaceChildren(...texts.map((pairs) => make('li', {}, lineOf(pairs, scale, words.token_help))));
}

async function paint(value) {
  const sprite = value.sprite;
  const image = await decode(sprite);
  const rows = Math.ceil(value.count / value.columns);
  const width = value.columns * (sprite.width + GAP) - GAP;
  const height = rows * (sprite.height + GAP) - GAP;
  element.classList.toggle('wide', width > 246 || value.frames > 0);
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  if (!value.frames) return tile(value, image, 1, 0);
  stopClip = playAt(value.rate, value.frames, (frame) => {
    tile(value, image, value.frames, frame);
    element.dataset.frame = frame;
  });
}

// copy the pictures of all samples out of the sprite; of clips those of one frame
function tile(value, image, frames, frame) {
  const { width, height, columns } = value.sprite;
  const context = canvas.getContext('2d');
  for (let n = 0; n < value.count; n++) {
    const place = n * frames + frame;
    const from = [(place % columns) * width, Math.floor(place / columns) * height];
    const to = [(n % value.columns) * (width + GAP), Math.floor(n / value.columns) * (height + GAP)];
    context.drawImage(image, ...from, width, height, ...to, width, height);
  }
}

canvas.addEventListener('click', (event) => {
  if (!showing?.sound || !showing.sprite) return;
  const box = canvas.getBoundingClientRect();
  const column = Math.floor(((event.clientX - box.left) / box.width) * showing.columns);
  const row = Math.floor(((event.clientY - box.top) / box.height) * Math.ceil(showing.count / showing.columns));
  const index = row * showing.columns + column;
  if (index >= 0 && index < showing.count) listen({ model: props.value.model, index, label: showing.label ?? null, real: Boolean(showing.real) });
});

follow(() => props.value && draw(props.value));
hear('moment', (answer) => draw(answer.sheet));
