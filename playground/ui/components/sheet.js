const canvas = element.querySelector('canvas');
const caption = element.querySelector('.caption');
const empty = element.querySelector('.empty');
const tool = element.querySelector('.tool');
tool.textContent = words.download;
tool.title = words.download_help;
tool.addEventListener('click', async () => {
  const file = await server.picture({ model: props.value.model, kind: 'sheet' });
  if (file.error) say('notice', file.error);
  else save(file);
});
canvas.setAttribute('role', 'img');

follow(async () => {
  const value = props.value;
  if (!value) return;
  caption.replaceChildren(make('b', {}, words.title), ' ', value.caption || '');
  canvas.setAttribute('aria-label', words.title + ' ' + (value.caption || ''));
  element.dataset.step = value.step;
  empty.hidden = Boolean(value.sprite);
  tool.hidden = !value.sprite;
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
});
