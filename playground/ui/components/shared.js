// What every component of the page uses. Put before each component's own script, in the same
// function, with its sentences in `words`.
//
// Components tell one another what happens through `say(news, detail)` and `hear(news, action)`:
//   visitor   { session, model, version, training }, also kept in `bus.visitor` for those who come later (a tab that
//             was not open yet). `session` is the id that server functions take as `model`; `model` says whether there
//             is one; `version` grows whenever networks or weights are others: after a run's frame, a step, an opened
//             model, an edit. Only the first tab publishes it, for it is always on the page.
//   training  true or false
//   place     where on the walk the visitor stands
//   notice    a sentence for the status line, which is on the first tab
// What shows the visitor's model on another tab calls `keepUp(ask)`: it asks when the tab is open and the model is new.
const bus = (window.playgroundBus ??= new EventTarget());

const say = (event, detail) => bus.dispatchEvent(new CustomEvent(event, { detail }));
const hear = (event, action) => bus.addEventListener(event, (message) => element.isConnected && action(message.detail));

function publish(news, changed = false) {
  const before = bus.visitor ?? { session: null, model: false, version: 0, training: false };
  bus.visitor = { ...before, ...news, version: before.version + (changed ? 1 : 0) };
  say('visitor', bus.visitor);
}

// On the screen, as far as tabs go: gradio hides what is on a tab that is not open.
const shown = () => element.isConnected && element.offsetParent !== null && !document.hidden;

// Call `ask(visitor)` now and whenever the model is another, but only while shown; during training at most every
// `pause` milliseconds, and if `ask` returns a promise, for no more than a fifth of the time: the run needs the rest.
function keepUp(ask, pause = 2000) {
  let seen = '';
  let last = -pause;
  let took = 0;
  let busy = false;
  let timer = null;
  const refresh = () => {
    clearTimeout(timer);
    const visitor = bus.visitor;
    const key = visitor && visitor.session + ' ' + visitor.version;
    if (!visitor || key === seen || !shown() || (busy && visitor.training)) return;
    const wait = visitor.training ? last + Math.max(pause, 4 * took) - performance.now() : 0;
    if (wait > 0) {
      timer = setTimeout(refresh, wait);
      return;
    }
    seen = key;
    const start = performance.now();
    busy = true;
    Promise.resolve(visitor).then(ask).finally(() => {
      last = performance.now();
      took = last - start;
      busy = false;
      refresh();
    });
  };
  hear('visitor', refresh);
  new ResizeObserver(refresh).observe(element); // a tab that opens gives its contents a size
  document.addEventListener('visibilitychange', refresh);
  refresh();
}

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

// round numbers for an axis, about `count` of them
function ticks(low, high, count) {
  const rough = (high - low) / count || 1;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const size = [1, 2, 5, 10].map((m) => m * unit).find((m) => m >= rough);
  const found = [];
  for (let t = Math.ceil(low / size) * size; t <= high + size * 1e-6; t += size) found.push(Number(t.toPrecision(6)));
  return found;
}

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
