const find = (selector) => element.querySelector(selector);
const [row, verdict, offers, said, mirrored, coded] = ['.work > .chain', '.verdict', '.repairs', '.said', '.mirror', '.code'].map(find);
const PRESETS = { mnist: [28, 28], 32: [32, 32], 64: [64, 64], '48×80': [48, 80] };
const MOST = 8; // stages
const outcome = make('div', { class: 'outcome', 'aria-hidden': 'true' }); // on a phone the verdict is far below what is edited
let session = null;
let chain = null; // as it is edited
let answer = null; // what the server says of it
let cards = null; // the nodes to write into
let split = false; // height and width apart
let chosen = 0; // the stage that the lesson speaks of
let lit = null;
let edited = 0; // when, for `data-latency`
let free = false; // a target of one's own

const uneven = () => [chain.start.slice(1), ...chain.layers.flatMap((layer) => Object.keys(FIELDS).map((name) => layer[name]))].some(([a, b]) => a !== b);
const copyOf = (value) => JSON.parse(JSON.stringify(value));
const asked = () => ({ model: session, chain });

function change(edit) {
  edit();
  edited = performance.now();
  tell(null);
  ask({});
}

function setPair(pair, number, axis) {
  if (axis === null) pair.fill(number);
  else pair[axis] = number;
}

// A chain that did not come from the fields: its cards are made anew.
function take(other) {
  chain = copyOf(other);
  split = split || uneven();
  chosen = Math.min(chosen, chain.layers.length - 1);
  build();
}

function stageCard(layer, stage) {
  const { map, node } = picture();
  const fields = Object.entries(FIELDS).map(([name, limits]) => {
    const field = pairField(...NAMES[name], layer[name], limits, (number, axis) => change(() => setPair(layer[name], number, axis)), () => split);
    field.node.dataset.field = name;
    return field.node;
  });
  const formula = make('div', { class: 'formula' });
  const checker = make('div', { class: 'checker', title: words.checkerboard_help, hidden: true }, make('i'), words.checkerboard);
  const kind = make('select', { 'aria-label': words.kind, title: words.kind_help, onchange: () => change(() => turn(layer, kind.value)) },
    ...['transposed', 'convolution'].map((value) => make('option', { value, selected: value === layer.kind }, kindName(value))));
  const rare = make('details', {}, make('summary', { title: words.more_help }, words.more),
    single(words.channels, words.channels_help, layer.channels, (number) => (layer.channels = number), 'channels'),
    single(words.groups, words.groups_help, layer.groups, (number) => (layer.groups = number), 'groups'),
    make('div', { class: 'field' }, make('span', {}, words.kind), kind));
  const title = make('span', { class: 'kind' }, kindName(layer.kind));
  const remove = make('button', { type: 'button', class: 'remove', title: fill(words.remove_help, { number: stage + 1 }), 'aria-label': fill(words.remove_help, { number: stage + 1 }), disabled: chain.layers.length < 2, onclick: () => leave(stage) }, '×');
  const size = make('div', { class: 'size' });
  const card = make('div', { class: 'card stage', 'data-stage': stage, onfocusin: () => select(stage), onpointerdown: () => select(stage) },
    make('div', { class: 'head' }, fill(words.stage, { number: stage + 1 }), title, remove), node, size, ...fields, checker, formula, rare);
  return { card, map, size, formula, checker, title };
}

function single(name, help, value, set, field) {
  return make('div', { class: 'field', title: help, 'data-field': field }, make('span', {}, name), numberBox(name, value, [1, 4096], (number) => change(() => set(number))));
}

function turn(layer, kind) {
  layer.kind = kind;
  if (kind === 'convolution') layer.output_padding = [0, 0];
  build();
}

function startCard() {
  const { map, node } = picture();
  const size = make('div', { class: 'size' });
  const sides = pairField(words.size, words.start_help, chain.start.slice(1), [1, 1024], (number, axis) => change(() => {
    if (axis === null) chain.start = [chain.start[0], number, number];
    else chain.start[1 + axis] = number;
  }), () => split);
  sides.node.dataset.field = 'start';
  const card = make('div', { class: 'card end start', title: words.start_help }, make('div', { class: 'head' }, words.start), node, size, sides.node,
    single(words.channels, words.start_help, chain.start[0], (number) => (chain.start[0] = number), 'channels'));
  return { card, map, size };
}

function targetCard() {
  const { map, node } = picture('wanted');
  const size = make('div', { class: 'size' });
  const picker = make('select', { 'aria-label': words.target, title: words.target_help, onchange: () => aim(picker.value) },
    make('option', { value: 'data' }), make('option', { value: 'mnist' }, words.target_mnist), ...Object.keys(PRESETS).filter((name) => name !== 'mnist').map((value) => make('option', { value }, sizeText(PRESETS[value]))), make('option', { value: 'other' }, words.target_other));
  const sides = ['height', 'width'].map((name, axis) => numberBox(axis ? words.width : words.height, chain.target[axis], [1, 1024], (number) => change(() => (chain.target[axis] = number))));
  const boxes = make('div', { class: 'field', 'data-field': 'target' }, ...sides);
  const card = make('div', { class: 'card end target', title: words.target_help }, make('div', { class: 'head' }, words.target), node, size, picker, boxes);
  return { card, map, size, picker, boxes };
}

function aim(name) {
  free = name === 'other';
  if (free) return paint();
  change(() => (chain.target = [...(PRESETS[name] ?? answer.data.size)]));
  if (chain.target[0] !== chain.target[1]) split = true;
  build();
}

function add() {
  if (chain.layers.length >= MOST) return;
  const last = chain.layers[chain.layers.length - 1];
  const before = chain.layers.length > 1 ? chain.layers[chain.layers.length - 2].channels : chain.start[0];
  const usual = { kernel: [4, 4], stride: [2, 2], padding: [1, 1], output_padding: [0, 0], dilation: [1, 1], groups: 1 };
  change(() => {
    chain.layers.push({ kind: last.kind, channels: last.channels, ...usual });
    last.channels = Math.max(1, before >> 1);
  });
  build();
}

function leave(stage) {
  change(() => {
    const [gone] = chain.layers.splice(stage, 1);
    if (stage === chain.layers.length) chain.layers[stage - 1].channels = gone.channels; // the picture keeps its colours
  });
  chosen = Math.min(chosen, chain.layers.length - 1);
  build();
}

function select(stage) {
  chosen = stage;
  teachStage();
}

function build() {
  const where = focusedField();
  cards = { start: startCard(), stages: chain.layers.map(stageCard), target: targetCard() };
  row.replaceChildren(cards.start.card, ...cards.stages.map(({ card }) => card), cards.target.card);
  row.classList.toggle('split', split);
  splitBox.checked = split;
  if (where) row.querySelector(where)?.focus({ preventScroll: true });
  if (answer) paint();
}

function focusedField() {
  const node = document.activeElement;
  const stage = element.contains(node) && node.closest('.card')?.dataset.stage;
  const field = stage && node.closest('.field')?.dataset.field;
  return field ? `[data-stage="${stage}"] [data-field="${field}"] input` : null;
}

// Everything that the answer says, written into the nodes that are there: a field that is being typed in stays.
function paint() {
  if (!answer || answer.chain.layers.length !== cards.stages.length) return;
  const { sizes, formulas, problem } = answer;
  const largest = Math.max(...sizes.flatMap((size) => size.slice(1)), ...chain.target);
  const place = (card, size) => { drawMap(card.map, size, largest); writeSize(card.size, size); };
  place(cards.start, sizes[0]);
  place(cards.target, answer.chain.target);
  cards.stages.forEach((card, n) => {
    const size = sizes[n + 1];
    const bad = problem?.stage === n;
    card.card.classList.toggle('bad', bad);
    card.card.classList.toggle('off', !size);
    card.checker.hidden = !answer.uneven[n];
    card.title.textContent = kindName(chain.layers[n].kind);
    if (size) place(card, size);
    else card.size.textContent = words.unknown;
    if (size) writeFormula(card.formula, formulas[n]);
    else card.formula.textContent = bad ? problem.sentence + '.' : '';
  });
  paintTarget();
  paintVerdict();
  paintUses();
  teachStage();
  shine();
  element.dataset.painted = String(Number(element.dataset.painted || 0) + 1);
  if (edited) element.dataset.latency = (performance.now() - edited).toFixed(1);
  edited = 0;
}

function paintTarget() {
  const { picker, boxes } = cards.target;
  picker.options[0].textContent = fill(words.target_data, { size: sizeText(answer.data.size) });
  const same = (size) => sizeText(size) === sizeText(chain.target);
  const preset = same(answer.data.size) ? 'data' : Object.keys(PRESETS).find((name) => same(PRESETS[name]));
  picker.value = free ? 'other' : preset ?? 'other';
  boxes.hidden = picker.value !== 'other';
}

function paintVerdict() {
  const { problem, sizes, repairs } = answer;
  for (const node of [verdict, outcome]) node.classList.toggle('bad', Boolean(problem));
  cards.stages[Math.min(chosen, cards.stages.length - 1)].card.append(outcome);
  verdict.textContent = outcome.textContent = problem ? fill(words.fails, { number: problem.stage + 1, sentence: problem.sentence }) : fill(words.valid, { size: sizeText(sizes[sizes.length - 1]) });
  offers.hidden = !problem;
  offers.querySelector('b').textContent = repairs.length ? words.repairs : words.none;
  offers.querySelector('.list').replaceChildren(...repairs.map((repair) =>
    make('button', { type: 'button', onclick: () => { take(repair.chain); change(() => {}); } }, repair.sentence, make('small', {}, repair.path))));
}

function paintUses() {
  const largest = answer.mirror ? Math.max(...answer.mirror.sizes.flatMap((size) => size.slice(1))) : 1;
  mirrored.firstElementChild.replaceChildren(...(answer.mirror ? mirrorCards(answer.mirror, largest) : [words.mirror_none]));
  coded.querySelector('pre').textContent = answer.code || words.code_none;
  copy.disabled = !answer.code;
  useButton.disabled = Boolean(answer.cannot);
  reason.textContent = answer.cannot ? fill(words.cannot, { sentence: answer.cannot }) : '';
}

function tell(news) {
  said.hidden = !news;
  said.textContent = news?.said ?? '';
  said.classList.toggle('bad', Boolean(news?.bad));
}

function teachStage() {
  if (!answer) return;
  const stage = Math.min(chosen, chain.layers.length - 1);
  const layer = answer.chain.layers[stage] ?? chain.layers[stage];
  const [n, result] = [answer.sizes[stage]?.[1] ?? words.unknown, answer.sizes[stage + 1]?.[1] ?? words.unknown];
  const rule = answer.formulas[stage]?.[0] ?? (answer.problem?.stage === stage ? answer.problem.sentence : words.unknown);
  const [k, s, p, o, d] = Object.keys(FIELDS).map((name) => layer[name][0]);
  text.fill({ stage: stage + 1, n, result, rule, k, s, p, o, d, span: d * (k - 1) + 1 });
}

// What a sentence of the lesson speaks of gets a frame.
function shine() {
  element.querySelectorAll('.lit').forEach((node) => node.classList.remove('lit'));
  element.dataset.lit = lit ?? '';
  if (lit) element.querySelectorAll(lit).forEach((node) => node.classList.add('lit'));
}

function light(selector) {
  lit = selector;
  shine();
}

const toggled = (name, help, box, className) => make('button', { type: 'button', class: className, title: help, 'aria-pressed': 'false', onclick: (event) => reveal(event.currentTarget, box) }, name);

function reveal(button, box, open = box.hidden) {
  box.hidden = !open;
  button.setAttribute('aria-pressed', String(open));
}

const splitBox = make('input', { type: 'checkbox', class: 'uneven', onchange: () => {
  split = splitBox.checked;
  if (!split) change(() => { // the height's numbers for both
    for (const layer of chain.layers) for (const name of Object.keys(FIELDS)) layer[name][1] = layer[name][0];
    chain.start[2] = chain.start[1];
  });
  build();
} });
const tool = (name, help, action, className) => make('button', { type: 'button', class: className, title: help, onclick: action }, name);
const mirrorButton = toggled(words.mirror, words.mirror_help, mirrored, 'mirroring');
const useButton = tool(words.use, words.use_help, () => trigger('use', { chain }), 'using');
const reason = make('span', { class: 'cannot' });
const copy = tool(words.copy, words.copy_help, async () => {
  await navigator.clipboard?.writeText(answer.code);
  copy.textContent = words.copied;
  setTimeout(() => (copy.textContent = words.copy), 1500);
}, 'copy');
find('.intro').textContent = words.intro;
find('.tools').append(make('label', { title: words.split_help }, splitBox, words.split), tool(words.add, words.add_help, add, 'adding'), tool(words.model, words.model_help, () => begin({}), 'own'));
find('.uses').append(mirrorButton, toggled(words.code, words.code_help, coded, 'exporting'), useButton, reason);
coded.append(copy);
row.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.target.tagName !== 'INPUT') return;
  const boxes = [...row.querySelectorAll('input')].filter((box) => box.offsetParent);
  boxes[(boxes.indexOf(event.target) + 1) % boxes.length].select();
});
const text = teach(find('aside'), {
  rule: () => light('.stage .formula'),
  stride: () => light('[data-field="stride"]'),
  padding: () => light('[data-field="kernel"], [data-field="padding"]'),
  dilation: () => light('[data-field="dilation"]'),
  mirror: () => { reveal(mirrorButton, mirrored, true); light('.mirror .formula'); },
  extra: () => light('[data-field="output_padding"]'),
  uneven: () => light('.checker'),
});

const ask = latest(async () => {
  const wanted = JSON.stringify(chain);
  const found = await server.solve(asked());
  if (wanted !== JSON.stringify(chain)) return; // typed on meanwhile: the next answer is on its way
  if (found.error) return tell({ said: found.error, bad: true });
  answer = found;
  paint();
});

const begin = latest(async () => {
  const found = await server.solve({ model: session, chain: null });
  if (found.error) return tell({ said: found.error, bad: true });
  [answer, split, free] = [found, false, false];
  take(found.chain);
});

keepUp(async (visitor) => {
  session = visitor.session;
  await (chain ? ask({}) : begin({}));
});
watch('value', () => props.value?.said && tell(props.value));
