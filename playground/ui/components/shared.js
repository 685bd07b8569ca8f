// What every component of the page uses. Put before each component's own script, in the same
// function, with its sentences in `words`.
const bus = (window.playgroundBus ??= new EventTarget());

const say = (event, detail) => bus.dispatchEvent(new CustomEvent(event, { detail }));
const hear = (event, action) => bus.addEventListener(event, (message) => element.isConnected && action(message.detail));

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'class') node.className = value;
    else if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

// "{count} samples" with its gaps filled
const fill = (sentence, values) => String(sentence).replace(/\{(\w+)\}/g, (gap, name) => values[name] ?? gap);

const colour = (name) => getComputedStyle(element).getPropertyValue(name).trim();

const short = (number) =>
  number >= 1e6 ? (number / 1e6).toFixed(1) + ' M' : number >= 1e3 ? (number / 1e3).toFixed(1) + ' k' : String(number);

// A sprite is one picture that holds many; each is copied out when it is drawn.
const sprites = new Map();
async function decode(sprite) {
  if (!sprite) return null;
  const known = sprites.get(sprite.src);
  if (known) return known;
  const image = new Image();
  image.src = sprite.src;
  await image.decode();
  sprites.set(sprite.src, image);
  if (sprites.size > 64) sprites.delete(sprites.keys().next().value);
  return image;
}

function drawTile(canvas, image, sprite, index) {
  if (canvas.width !== sprite.width) canvas.width = sprite.width;
  if (canvas.height !== sprite.height) canvas.height = sprite.height;
  const x = (index % sprite.columns) * sprite.width;
  const y = Math.floor(index / sprite.columns) * sprite.height;
  canvas.getContext('2d').drawImage(image, x, y, sprite.width, sprite.height, 0, 0, sprite.width, sprite.height);
}

// One request in flight; of those that came meanwhile only the latest is sent.
function latest(ask) {
  let busy = false;
  let waiting = null;
  return async function request(argument) {
    if (busy) {
      waiting = argument;
      return;
    }
    busy = true;
    try {
      await ask(argument);
    } catch (error) {
      console.warn(error);
    }
    busy = false;
    if (waiting !== null) {
      const next = waiting;
      waiting = null;
      request(next);
    }
  };
}

// A file that the server made, handed to the browser's downloads.
function save(file) {
  const link = make('a', { href: file.data, download: file.name });
  document.body.append(link);
  link.click();
  link.remove();
}

// Redraw now and whenever the value changes.
function follow(draw) {
  draw();
  watch('value', draw);
}
