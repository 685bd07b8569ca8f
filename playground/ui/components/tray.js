const [notice, empty, body, bar, sums, code] = ['.notice', '.empty', '.body', '.bar', '.arithmetic', '.code'].map((selector) => element.querySelector(selector));
const MAX_SEED = 2147483647;
let names = []; // of the classes, where the model knows any
let slots = [0, 1, 2]; // of a − b + c: places in the list until the visitor chooses, then ids
let taken = false;

// the bar

const seedField = make('input', { type: 'number', min: 0, max: MAX_SEED, step: 1, value: 4, id: 'tray-seed', 'aria-label': words.seed, onkeydown: (event) => event.key === 'Enter' && addSeed() });
const picker = make('select', { id: 'tray-class', title: words.class_help, 'aria-label': words.class_help, onchange: () => relabel(Number(picker.value)) });
const shrink = make('input', { type: 'range', id: 'tray-truncation', min: 0, max: 1, step: 0.05, value: 1, 'aria-label': words.truncation, oninput: () => changeTray({ truncation: Number(shrink.value) }) });
const amount = make('output', {}, '1');
const button = (name, action, extra = {}) => make('button', { type: 'button', id: 'tray-' + name, title: words[name + '_help'], onclick: action, ...extra }, words[name]);
const folds = button('arithmetic', () => fold(sums.hidden), { 'aria-expanded': 'false' });
const firstTab = button('first', () => {
  const { seed, label } = chosen().point;
  say('start', { seed, label });
  document.querySelector('#tab-playground-button')?.click();
});

bar.append(
  make('span', { class: 'add' }, make('label', {}, words.seed + ' ', seedField), button('add', () => addSeed()),
    make('button', { type: 'button', id: 'tray-dice', title: words.dice, 'aria-label': words.dice, onclick: () => { seedField.value = Math.floor(Math.random() * 1e6); addSeed(); } }, '⤮')),
  picker, firstTab,
  make('label', { title: words.truncation_help }, words.truncation + ' ', shrink, ' ', amount),
  make('span', { class: 'last' }, folds, button('python', () => showCode(code.hidden), { 'aria-expanded': 'false' }), button('link', () => copyLink()), button('clear', () => changeTray({ points: [], chosen: null }))));

function addSeed() {
  const seed = /^\s*\d+\s*$/.test(seedField.value) ? Number(seedField.value) : NaN;
  if (!(seed <= MAX_SEED)) return say('notice', words.bad_seed);
  const label = chosen()?.point.label;
  collect([{ point: label === undefined ? { seed } : { seed, label } }]);
}

function relabel(label) {
  const entry = chosen();
  if (entry) editPoint(entry.id, { point: { ...entry.point, label }, name: named(entry, label) });
}

// "#7 · 3" says the seed and the class, as long as nobody has given the point another name
const named = ({ point, name }, label) => (point.seed !== undefined && name.startsWith('#' + point.seed) ? `#${point.seed} · ${names[label] ?? label}` : name);

function reflect() {
  amount.textContent = tray().truncation;
  shrink.value = tray().truncation;
  picker.hidden = !names.length || !chosen();
  firstTab.hidden = chosen()?.point.seed === undefined;
  const label = chosen()?.point.label ?? 0;
  if (typeof label === 'number') picker.value = label;
  else picker.selectedIndex = -1; // a mixture of classes
}

function offer(found) {
  if (names.join('\n') !== found.join('\n')) picker.replaceChildren(...found.map((name, n) => make('option', { value: n }, name)));
  names = found;
  reflect();
}

// a link to what is on the tab now

const panel = () => document.querySelector('#latent-tabs [role="tab"][aria-selected="true"]')?.id.replace(/^panel-|-button$/g, '') ?? '';

async function copyLink() {
  const answer = await server.address(asked());
  if (answer.error) return say('notice', answer.error);
  const view = fragment(panel());
  if (view.length > LONGEST_LINK) return say('notice', words.too_long);
  const link = location.origin + location.pathname + answer.query + view;
  element.dataset.link = link;
  if (!(await copied(link))) history.replaceState(null, '', link); // then it stands in the address line
  else return say('notice', { sentence: answer.weights ? words.copied : words.copied_view, bad: false });
  say('notice', { sentence: answer.weights ? words.in_address : words.in_address_view, bad: false });
}

// A page that is not served over https may not write to the clipboard.
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

// the lines of Python that make it again: the walk through the points, or their pictures where there is none

const copyButton = button('copy', async () => {
  const lines = code.querySelector('pre');
  if (!(await copied(lines.textContent))) return getSelection().selectAllChildren(lines); // to be copied by hand
  copyButton.textContent = words.copied_code;
  setTimeout(() => (copyButton.textContent = words.copy), 1500);
});

async function showCode(open) {
  code.hidden = !open;
  element.querySelector('#tray-python').setAttribute('aria-expanded', String(open));
  if (open) await askCode({});
}

const askCode = latest(async () => {
  const view = bus.views?.walk ?? {};
  const { speed = 'plain', method = 'slerp', frames = 64, loop = false, space = null } = view;
  if (panel() === 'plane' && walked().length >= 3) return showLines(await server.lines(asked({ plane: true, points: walked().slice(0, 4).map(({ point }) => point) })));
  const on = walked().length >= 2 ? walked() : tray().points;
  if (!on.length && !view.random) return;
  const where = view.random ? { random: view.seed, label: chosen()?.point.label ?? null } : { points: on.map(({ point }) => point), walk: walked().length >= 2 };
  showLines(await server.lines(asked({ speed, method, frames, loop, space, ...where })));
});

function showLines(answer) {
  if (answer.error) return say('notice', answer.error);
  code.querySelector('p').replaceChildren(answer.file ? fill(words.save_first, answer) : words.as_it_is, copyButton);
  code.querySelector('pre').textContent = answer.code;
}
document.addEventListener('click', ({ target }) => target.closest?.('#latent-tabs [role="tab"]') && element.isConnected && !code.hidden && setTimeout(() => askCode({})));
hear('view', () => !code.hidden && askCode({}));

// a − b + c, and the mean of the walk's points

const cells = ['a', 'b', 'c'].map((letter, n) => make('button', { type: 'button', class: 'slot', 'data-slot': letter, title: words.slot_help, onclick: () => { taken = true; slots = ids(); slots[n] = chosen()?.id; ask({}); } }, make('canvas', {}), letter));
const result = make('span', { class: 'result', 'data-slot': 'sum' }, make('canvas', {}), 'a − b + c');
const mean = make('span', { class: 'result', 'data-slot': 'mean' }, make('canvas', {}), words.mean);
const sign = (text) => make('span', { class: 'sign', 'aria-hidden': 'true' }, text);
const keepSum = button('keep_sum', () => keep(sumOf()));
const keepMean = button('keep_mean', () => keep(meanOf()));
sums.append(make('span', { class: 'sum' }, cells[0], sign('−'), cells[1], sign('+'), cells[2], sign('='), result, keepSum), make('span', { class: 'sum' }, mean, keepMean));

// A sum of sums is kept as its numbers, so that it can be part of others again: the server reads sums of three floors.
const floors = ({ sum }) => (sum ? 1 + Math.max(...sum.map(([, point]) => floors(point))) : 0);
const parts = ({ sum }) => (sum ? sum.reduce((count, [, point]) => count + parts(point), 1) : 1);
const MOST_PARTS = 12;

async function keep(made) {
  if (!made) return;
  if (floors(made.point) < 2 && parts(made.point) <= MOST_PARTS) return collect([made]);
  const answer = await server.numbers(asked({ point: made.point }));
  if (answer.error) return say('notice', answer.error);
  collect([{ ...made, point: answer.point }]);
}

function fold(open) {
  sums.hidden = !open;
  folds.setAttribute('aria-expanded', String(open));
  ask({});
}

const ids = () => slots.map((slot) => (taken ? slot : tray().points[slot]?.id));
const entries = () => ids().map((id) => tray().points.find((entry) => entry.id === id));
const weighed = (terms) => ({ sum: terms.map(([weight, { point }]) => [weight, point]) });
const labelled = (point, first) => (first.point.label === undefined ? point : { ...point, label: first.point.label });

const bracketed = (name) => (/ [−+] /.test(name) ? `(${name})` : name);

function sumOf() {
  const [a, b, c] = entries();
  return a && b && c ? { point: labelled(weighed([[1, a], [-1, b], [1, c]]), a), name: `${a.name} − ${bracketed(b.name)} + ${c.name}`.slice(0, 80) } : null;
}

function meanOf() {
  const on = walked();
  return on.length < 2 ? null : { point: labelled(weighed(on.map((entry) => [1 / on.length, entry])), on[0]), name: fill(words.mean_of, { count: on.length }) };
}

// pictures

const ask = latest(async () => {
  const { points } = tray();
  const extra = sums.hidden ? [] : [['sum', sumOf()], ['mean', meanOf()]].filter(([, made]) => made);
  const wanted = [...points.map(({ point }) => point), ...extra.map(([, { point }]) => point)];
  if (!wanted.length || !bus.visitor?.model) return;
  const answer = await server.pictures(asked({ points: wanted }));
  if (answer.error) return say('notice', answer.error);
  offer(answer.names);
  if (answer.misfits.some((n) => n < points.length)) return leaveOut(points.filter((entry, n) => answer.misfits.includes(n)));
  if (answer.unlabelled.some((n) => n < points.length)) return forgetClasses(points.filter((entry, n) => answer.unlabelled.includes(n)));
  const image = await decode(answer.sprite);
  points.forEach(({ id }, n) => nodes.has(id) && drawTile(face(id), image, answer.sprite, n));
  entries().forEach((entry, n) => entry && drawTile(cells[n].firstChild, image, answer.sprite, points.indexOf(entry)));
  extra.forEach(([slot], n) => drawTile(element.querySelector(`[data-slot="${slot}"] canvas`), image, answer.sprite, points.length + n));
  const made = extra.filter((_, n) => !answer.misfits.includes(points.length + n)).map(([slot]) => slot);
  [keepSum.disabled, keepMean.disabled] = [!made.includes('sum'), !made.includes('mean')];
  element.dataset.painted = String(Number(element.dataset.painted || 0) + 1);
});

// made for a model with other latents: they mean nothing here
function leaveOut(entries) {
  const ids = entries.map(({ id }) => id);
  changeTray({ points: tray().points.filter(({ id }) => !ids.includes(id)) });
  say('notice', fill(words.misfit, { names: entries.map(({ name }) => name || words.nameless).join(', ') }));
}

// made for a model with other classes: the place stays, of the first class
function forgetClasses(entries) {
  const bare = ({ label, sum, ...point }) => (sum ? { ...point, sum: sum.map(([weight, term]) => [weight, bare(term)]) } : point);
  const ids = entries.map(({ id }) => id);
  const fresh = (entry) => ({ ...entry, point: bare(entry.point), name: entry.point.seed !== undefined && entry.name.startsWith(nameOf(entry.point)) ? nameOf(entry.point) : entry.name });
  changeTray({ points: tray().points.map((entry) => (ids.includes(entry.id) ? fresh(entry) : entry)) });
}

// the status line is on the first tab: what is said to a visitor of this one stands here
let quiet = null;
hear('notice', (news) => {
  [notice.textContent, notice.hidden] = [news.sentence ?? news, false];
  notice.classList.toggle('bad', news.bad ?? true);
  clearTimeout(quiet);
  quiet = setTimeout(() => (notice.hidden = true), 8000);
});
empty.textContent = words.untrained;
list.setAttribute('aria-label', words.list);
hear('tray', () => { render(); ask({}); if (!code.hidden) askCode({}); });
render();
function arrived() {
  if (bus.linked) document.getElementById(`panel-${bus.linked}-button`)?.click();
  if (bus.leftOut) say('notice', fill(words.no_points, { count: bus.leftOut }));
  bus.leftOut = 0;
}
arrived();
hear('views', arrived);
keepUp(async (visitor) => {
  empty.hidden = visitor.model;
  body.hidden = !visitor.model;
  if (visitor.model) await ask({});
});
