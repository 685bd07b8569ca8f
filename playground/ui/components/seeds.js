// What the visitor does with the sheet that seeds_parts.js draws: sort it, pick, star and select samples.
// ---- sorting
function unsorted() {
  if (asking !== null) trigger('halt', {});
  [state.by, ranking, asking] = ['seed', null, null];
  tell('');
  reflect();
  jump(0);
}

function sort() {
  if (state.by === 'similarity') state.to ??= state.picked !== null ? pointOf(state.picked) : chosen()?.point ?? { seed: 0 };
  asking = ++asks;
  const { by, count, label, to } = state;
  tell(fill(words.sorting, { percent: 0, count: count.toLocaleString('en') }), false, 0);
  reflect();
  trigger('go', { request: { id: asking, by, count, label, to, truncation, of: epoch } });
  sort.epoch = epoch;
}

function sorted({ values, measure, step }) {
  asking = null;
  ranking = { values, measure, step, by: state.by, epoch: sort.epoch };
  ranking.order = placesByValue(values, state.down);
  summarise();
  reflect();
  jump(0);
  element.dataset.sorted = state.by;
}

function summarise() {
  if (!ranking) return;
  if (ranking.epoch !== epoch) return tell(words.outdated);
  const known = ranking.values.filter((value) => value !== null);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  tell(fill(words.sorted, { count: ranking.values.length.toLocaleString('en'), measure: ranking.measure, low: figure(low), high: figure(high) }));
}

function jump(place) {
  state.top = cursor = place;
  arrange();
  remember();
}

// ---- one sample
const aboutPicked = latest(async () => {
  const seed = state.picked;
  find('.picked').hidden = false;
  find('.tools.one').hidden = large.hidden = seed === null;
  find('.facts b').textContent = seed === null ? '' : fill(words.seed, { seed }) + (names.length ? ' · ' + names[classOf(seed)] : '');
  find('.facts span').textContent = seed === null ? words.none : '';
  if (seed === null) return;
  reflectStar();
  const answer = await server.about(asked({ seed, ...place() }));
  if (answer.error || seed !== state.picked) return;
  drawTile(large, await decode(answer.sprite), answer.sprite, 0);
  large.setAttribute('aria-label', describe(seed));
  const value = ranking && !['seed', 'score'].includes(ranking.by) ? ranking.values[seed] : undefined;
  const more = value === undefined ? '' : ' · ' + fill(words['value_' + ranking.by], { value: figure(value) });
  find('.facts span').textContent = fill(words.value_score, { value: figure(answer.score) }) + more;
  element.dataset.picked = seed;
});

function pick(at) {
  cursor = at;
  state.picked = seedAt(at);
  redraw();
  remember();
  aboutPicked({});
}

function star(seeds) {
  const fresh = seeds.filter((seed) => !starOf(seed));
  if (fresh.length) return collect(fresh.map((seed) => ({ point: pointOf(seed), name: nameOfSeed(seed) })));
  seeds.forEach((seed) => starOf(seed) && dropPoint(starOf(seed).id));
}

// ---- several samples
function toggle(at, through = false) {
  const [from, to] = through ? [Math.min(cursor, at), Math.max(cursor, at)] : [at, at];
  for (let place = from; place <= to && selected.size < MAX_COLLECTED + 1; place++) {
    const seed = seedAt(place);
    if (through || !selected.has(seed)) selected.add(seed);
    else selected.delete(seed);
  }
  if (selected.size > MAX_COLLECTED) selected.delete([...selected].at(-1));
  cursor = at;
  reflectSelection();
}

function average() {
  const points = [...selected].map(pointOf);
  const point = { sum: points.map((each) => [1 / points.length, each]) };
  if (names.length) {
    const weights = names.map((_, n) => points.filter(({ label }) => label === n).length / points.length);
    point.label = weights.indexOf(1) >= 0 ? weights.indexOf(1) : weights;
  }
  collect([{ point, name: fill(words.mean, { count: points.length }) }]);
}

function reflectSelection() {
  find('.tools.many').hidden = !selected.size && !selecting;
  count.textContent = fill(words.selected, { count: selected.size, most: MAX_COLLECTED });
  [starAll.disabled, mean.disabled, clear.disabled] = [!selected.size, selected.size < 2, !selected.size];
  selectMode.setAttribute('aria-pressed', selecting);
  element.dataset.selected = selected.size;
  redraw();
}

function reflectStar() {
  const on = state.picked !== null && Boolean(starOf(state.picked));
  starOne.textContent = on ? words.unstar : words.star;
  starOne.setAttribute('aria-pressed', on);
}

// ---- controls
const button = (text, help, action, name = '') => make('button', { type: 'button', title: help, class: name, onclick: action }, text);
const by = make('select', { class: 'by', title: words.by_help, onchange: () => {
  state.to = null;
  state.by = by.value;
  if (state.by === 'seed') unsorted();
  else sort();
} }, ...BYS.map((name) => make('option', { value: name }, words['by_' + name])));
const way = button('', words.way_help, () => {
  state.down = !state.down;
  ranking.order = placesByValue(ranking.values, state.down);
  reflect();
  jump(0);
}, 'way');
const amount = make('select', { class: 'amount', title: words.count_help, onchange: () => {
  state.count = Number(amount.value);
  sort();
} }, ...[500, 1000, 4000].map((n) => make('option', { value: n }, fill(words.count, { count: n.toLocaleString('en') }))));
const picker = make('select', { class: 'class', title: words.class_help, onchange: () => {
  state.label = picker.value === '' ? null : Number(picker.value);
  store.clear();
  selected.clear();
  if (state.by !== 'seed') sort();
  reflectSelection();
  arrange(true);
  aboutPicked({});
  remember();
} });
const go = make('input', { type: 'number', min: 0, max: MAX_SEED, step: 1, class: 'goto', title: words.goto_help, placeholder: '0', onchange: () => {
  const seed = Number(go.value);
  if (go.value === '' || !Number.isInteger(seed) || seed < 0 || seed > MAX_SEED) return tell(words.bad_seed, true);
  tell('');
  state.base = seed < LIMIT ? 0 : seed - (seed % 1000);
  jump(seed - state.base);
  pick(seed - state.base);
} });
const selectMode = button(words.select, words.select_help, () => {
  selecting = !selecting;
  if (!selecting) selected.clear();
  reflectSelection();
}, 'select');
find('.bar').append(make('label', {}, words.by, by), way, amount, make('label', { class: 'seek' }, words.goto, go), make('label', { hidden: true }, words.class, picker), selectMode);
const starOne = button('', words.star_help, () => star([state.picked]), 'star');
const similar = button(words.similar, words.similar_help, () => {
  [state.by, state.to] = ['similarity', pointOf(state.picked)];
  sort();
}, 'similar');
find('.tools.one').append(starOne, similar);
const count = make('span', { class: 'count' });
const starAll = button(words.star_all, words.star_all_help, () => star([...selected]), 'star-all');
const mean = button(words.average, words.average_help, average, 'average');
const clear = button(words.clear, words.clear_help, () => {
  selected.clear();
  reflectSelection();
}, 'clear');
find('.tools.many').append(count, starAll, mean, clear);
Object.assign(find('.stop'), { textContent: words.stop, title: words.stop_help, onclick: () => trigger('halt', {}) });
Object.assign(find('.again'), { textContent: words.again, title: words.again_help, onclick: sort });

function reflect() {
  by.value = state.by;
  amount.value = state.count;
  picker.value = state.label ?? '';
  way.textContent = state.down ? words.highest : words.lowest;
  way.hidden = amount.hidden = state.by === 'seed';
  way.disabled = !ranking;
  find('.seek').hidden = state.by !== 'seed';
}

// ---- the sheet under pointer and keys
function at(event) {
  const box = canvas.getBoundingClientRect();
  const [x, y] = [event.clientX - box.left, event.clientY - box.top + view.scrollTop];
  const found = Math.floor(y / grid.cell) * grid.columns + Math.min(grid.columns - 1, Math.floor(x / grid.cell));
  return x >= 0 && found >= 0 && found < total() ? found : null;
}

function hover(place) {
  tip.hidden = place === null;
  if (place === null) return;
  tip.textContent = describe(seedAt(place));
  const x = (place % grid.columns) * grid.cell;
  tip.style.left = Math.max(2, Math.min(x, grid.width - tip.offsetWidth - 4)) + 'px';
  const y = Math.floor(place / grid.columns) * grid.cell;
  tip.style.top = (y - 24 < view.scrollTop ? y + grid.cell + 2 : y - 24) + 'px';
}

canvas.addEventListener('click', (event) => {
  const place = at(event);
  if (place === null) return;
  if (event.shiftKey) toggle(place, true);
  else if (selecting || event.ctrlKey || event.metaKey) toggle(place);
  else pick(place);
});
canvas.addEventListener('pointermove', (event) => event.pointerType === 'mouse' && hover(at(event)));
canvas.addEventListener('pointerleave', () => hover(null));
view.addEventListener('scroll', () => {
  hover(null);
  state.top = inView().first;
  redraw();
  ask({});
  remember();
}, { passive: true });
view.addEventListener('keydown', (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -grid.columns, ArrowDown: grid.columns }[event.key];
  if (step) cursor = Math.max(0, Math.min(total() - 1, cursor + step));
  else if (event.key === 'Enter') pick(cursor);
  else if (event.key === 's' || event.key === 'S') star([seedAt(cursor)]);
  else if (event.key === ' ') toggle(cursor);
  else return;
  event.preventDefault();
  const y = Math.floor(cursor / grid.columns) * grid.cell;
  if (y < view.scrollTop) view.scrollTop = y;
  if (y + grid.cell > view.scrollTop + grid.height) view.scrollTop = y + grid.cell - grid.height;
  find('.at').textContent = describe(seedAt(cursor)) + (starOf(seedAt(cursor)) ? ' ★' : '');
  redraw();
});
view.addEventListener('focus', redraw);
view.addEventListener('blur', redraw);
view.setAttribute('aria-label', words.keys);
find('.intro').textContent = words.intro;
find('.at').textContent = words.keys;
find('.empty').textContent = words.untrained;

hear('tray', (now) => {
  if (now.truncation !== truncation) {
    truncation = now.truncation;
    store.clear();
    epoch++;
    summarise();
    ask({});
    aboutPicked({});
  }
  reflectStar();
  redraw();
});
hear('views', () => adopt(bus.views?.seeds));
new ResizeObserver(() => arrange(false)).observe(view);
new MutationObserver(redraw).observe(document.body, { attributes: true, attributeFilter: ['class'] });
watch('value', () => {
  const answer = props.value;
  if (asking === null || answer?.id !== asking) return; // of an order that is not wanted any more
  if (answer.error || answer.stopped) {
    unsorted();
    return answer.error && tell(answer.error, true);
  }
  if (answer.values) return sorted(answer);
  const seconds = answer.fraction > 0.02 ? (answer.elapsed * (1 - answer.fraction)) / answer.fraction : null;
  const left = seconds === null ? '' : ' ' + fill(words.left, { seconds: Math.ceil(seconds) });
  tell(fill(words.sorting, { percent: Math.round(100 * answer.fraction), count: state.count.toLocaleString('en') }) + left, false, answer.fraction);
});
reflect();
reflectSelection();
aboutPicked({});
keepUp(async (visitor) => {
  find('.body').hidden = !visitor.model;
  find('.empty').hidden = visitor.model;
  if (!visitor.model) return;
  if (!epoch++) {
    truncation = tray().truncation;
    adopt(bus.views?.seeds);
    arrange();
  }
  if (asking === null) summarise();
  await ask({});
  if (state.picked !== null) await aboutPicked({});
});
