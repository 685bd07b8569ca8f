const canvas = element.querySelector('canvas');
const caption = element.querySelector('.caption');
const empty = element.querySelector('.empty');
const tool = element.querySelector('.save');
const real = element.querySelector('.real');
const picker = element.querySelector('select');
const holder = element.querySelector('.holder');
const rowNames = element.querySelector('.rows');
let running = false;

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
  const names = value.sprite && !value.real ? value.classes : [];
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
  real.setAttribute('aria-pressed', Boolean(value.real));
  real.hidden = !value.sprite;
  element.classList.toggle('shows-real', Boolean(value.real));
  caption.replaceChildren(make('b', {}, title), ' ', value.caption || '');
  canvas.setAttribute('aria-label', title + ' ' + (value.caption || ''));
  caption.title = value.caption || '';
  if (!value.real) element.dataset.step = value.step;
  empty.hidden = Boolean(value.sprite);
  tool.hidden = !value.sprite || value.real;
  offer(value);
  nameRows(value.rows || []);
  if (!value.sprite) {
    empty.textContent = words.empty;
    canvas.width = canvas.height = 6;
    return;
  }
  const sprite = value.sprite;
  const image = await decode(sprite);
  const gap = 1;
  const columns = sprite.columns;
  const rows = Math.ceil(sprite.count / columns);
  const width = columns * (sprite.width + gap) - gap;
  const height = rows * (sprite.height + gap) - gap;
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext('2d');
  for (let n = 0; n < sprite.count; n++) {
    const column = n % columns;
    const row = Math.floor(n / columns);
    context.drawImage(image, column * sprite.width, row * sprite.height, sprite.width, sprite.height, column * (sprite.width + gap), row * (sprite.height + gap), sprite.width, sprite.height);
  }
  element.dataset.painted = String(Number(element.dataset.painted || 0) + 1);
}

follow(() => props.value && draw(props.value));
hear('moment', (answer) => draw(answer.sheet));
