// A table of films: a content a row, a motion a column. The rows are the points that the walk leads through; the columns are
// the motions of the same points, or of seeds drawn anew. All frames come at once, and every film plays.
const find = (selector) => element.querySelector(selector);
const [empty, body, bar, films] = ['.empty', '.body', '.bar', '.films'].map(find);
const MOST = 6; // rows and columns
const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
const view = { seeds: null, playing: !still };
let made = null; // the server's answer, with its picture
let frame = 0;

const rows = () => walked().slice(0, MOST);
const request = (extra = {}) => asked({ points: rows().map(({ point }) => point), seeds: view.seeds, ...extra });

const play = make('button', { type: 'button', class: 'play', id: 'motion-play', title: words.play_help, onclick: () => setPlaying(!view.playing) });
const scrub = make('input', { type: 'range', min: 0, max: 7, value: 0, id: 'motion-scrub', title: words.scrub, 'aria-label': words.scrub, oninput: () => { setPlaying(false); frame = Number(scrub.value); paint(); } });
const at = make('span', { class: 'at' });
const fresh = make('button', { type: 'button', id: 'motion-new', title: words.new_help, onclick: () => setMotions(drawn()) }, words.new);
const own = make('button', { type: 'button', id: 'motion-own', title: words.own_help, onclick: () => setMotions(null) }, words.own);
const files = ['gif', 'webp', 'mp4', 'png'].map((kind) => make('button', { type: 'button', class: kind, title: words['help_' + kind], onclick: () => keepFile(kind) }, words[kind]));
bar.append(play, scrub, at, fresh, own, make('details', {}, make('summary', { title: words.files_help }, words.files), make('div', { class: 'files' }, ...files)));
find('.intro').textContent = words.intro;
find('.hint').textContent = words.hint;

function setPlaying(playing) {
  view.playing = playing;
  play.textContent = playing ? words.pause : words.play;
}

function drawn() {
  const start = Math.floor(Math.random() * 1e6);
  return Array.from({ length: Math.max(3, rows().length) }, (_, n) => start + n);
}

function setMotions(seeds) {
  view.seeds = seeds;
  bus.views = { ...bus.views, motion: { seeds } };
  say('view', 'motion');
  ask({});
}

const columnNames = () => (view.seeds ? view.seeds.map((seed) => '#' + seed) : rows().map(({ name }) => name || '·'));

function layOut() {
  const names = { row: rows().map(({ name }) => name || '·'), column: columnNames() };
  const head = (kind, n) => make('span', { class: `head ${kind}`, 'data-place': `${kind}${n}`, title: names[kind][n] }, names[kind][n]);
  films.style.gridTemplateColumns = `minmax(44px, 84px) repeat(${made.columns}, minmax(0, 108px))`;
  films.replaceChildren(make('span', { class: 'head corner' }, words.corner), ...names.column.map((_, n) => head('column', n)));
  for (let row = 0; row < made.rows; row++) {
    films.append(head('row', row));
    for (let column = 0; column < made.columns; column++) films.append(cell(row, column, names));
  }
}

function cell(row, column, names) {
  const itself = !view.seeds && row === column;
  const title = itself ? fill(words.itself, { name: names.row[row] }) : fill(words.film, { content: names.row[row], motion: names.column[column] });
  const light = (on) => ['row' + row, 'column' + column].forEach((place) => find(`[data-place="${place}"]`)?.classList.toggle('lit', on));
  return make('button', {
    type: 'button', class: 'film' + (itself ? ' own' : ''), title, 'aria-label': title, onclick: () => keep(row, column, names),
    onpointerenter: () => light(true), onpointerleave: () => light(false), onfocus: () => light(true), onblur: () => light(false),
  }, make('canvas', { 'aria-hidden': 'true' }));
}

function paint() {
  if (!made) return;
  films.querySelectorAll('canvas').forEach((canvas, n) => drawTile(canvas, made.image, made.sprite, n * made.frames + frame));
  if (Number(scrub.value) !== frame) scrub.value = frame;
  at.textContent = fill(words.at, { frame: frame + 1, count: made.frames });
  element.dataset.frame = String(frame);
}

async function keep(row, column, names) {
  const answer = await server.point(request({ row, column }));
  if (answer.error) return say('notice', answer.error);
  collect([{ point: answer.point, name: fill(words.name, { content: names.row[row], motion: names.column[column] }), walked: false }]);
}

async function keepFile(kind) {
  const file = await server.file(request({ kind }));
  if (file.error) say('notice', file.error);
  else save(file);
}

function nothing(sentence) {
  made = null;
  empty.textContent = sentence;
  empty.hidden = false;
  body.hidden = true;
}

const ask = latest(async () => {
  if (!bus.visitor?.model) return nothing(words.untrained);
  if (!shown()) return;
  if (!rows().length) return nothing(words.too_few);
  const answer = await server.sheet(request());
  if (answer.error) return nothing(answer.error);
  if (!answer.fits) return nothing(words.unfit);
  const image = await decode(answer.sprite);
  made = { ...answer, image };
  empty.hidden = true;
  body.hidden = false;
  own.hidden = view.seeds === null;
  scrub.max = made.frames - 1;
  frame %= made.frames;
  layOut();
  paint();
  element.dataset.films = String(made.rows * made.columns);
  element.dataset.painted = String(Number(element.dataset.painted || 0) + 1);
});

// one clock for all films, so that they stay together
let last = performance.now();
function tick(now) {
  if (!element.isConnected) return;
  requestAnimationFrame(tick);
  if (!made || !view.playing || !shown()) return void (last = now);
  const steps = Math.floor(((now - last) / 1000) * (made.rate || 10));
  if (!steps) return;
  last = now;
  frame = (frame + steps) % made.frames;
  paint();
}

function adopt(given) {
  const whole = Array.isArray(given?.seeds) && given.seeds.length <= MOST && given.seeds.every((seed) => Number.isInteger(seed) && seed >= 0);
  if (given) view.seeds = whole && given.seeds.length ? given.seeds : null;
}
adopt(bus.views?.motion);
hear('views', () => { adopt(bus.views?.motion); ask({}); });
hear('tray', () => ask({}));
setPlaying(view.playing);
keepUp(() => ask({}));
requestAnimationFrame(tick);
