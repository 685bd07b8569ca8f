const board = element.querySelector('.ladder');
const detail = element.querySelector('.detail');
const alarm = element.querySelector('.problem');
const GLYPH = 84; // pixels for the largest map; the others are drawn to the same scale
let open = null; // key of the stage whose detail is shown
let drawn = ''; // the structure on screen, so that new contents do not rebuild it
let faces = {}; // canvases by stage
let model = null;
let place = {}; // where on the path the visitor stands

const by = (numbers) => (numbers.length ? numbers.join(' × ') : words.one_number);

// maps to one scale; a layer of plain units has no height and width to be true to
function sideOf(shape, largest) {
  return shape.length === 3 ? Math.max(5, (shape[1] / largest) * GLYPH) : 52;
}

function stack(channels) {
  const sheets = Math.min(6, Math.round(Math.log2(Math.max(1, channels))));
  const shadows = [];
  for (let n = 1; n <= sheets; n++) shadows.push(`${n * 2}px ${-n * 2}px 0 -1px var(--pg-sheet), ${n * 2}px ${-n * 2}px 0 0 var(--pg-line)`);
  return shadows.join(', ');
}

// two short lines under a stage: its kernel, and what it costs
function describe(stage) {
  const size = [];
  const rest = [];
  if (stage.kernel_size) size.push(fill(words.kernel, { k: stage.kernel_size }));
  if (stage.stride) size.push(fill(words.stride, { s: stage.stride }));
  if (stage.padding !== null && stage.kernel_size) rest.push(fill(words.padding, { p: stage.padding }));
  if (stage.output_padding) rest.push(fill(words.output_padding, { p: stage.output_padding }));
  rest.push(fill(words.parameters, { count: short(stage.parameters) }));
  return [[size.join(' · '), words.help_size], [rest.join(' · '), words.help_rest]].filter(([line]) => line);
}

function stageNode(network, stage, largest, problem) {
  const key = network + '.' + stage.name;
  const broken = problem && problem.network === network && problem.stage === stage.name;
  const side = sideOf(stage.shape, largest);
  const canvas = make('canvas', { 'aria-hidden': 'true' });
  const isScore = network === 'discriminator' && stage.shape.length === 0 && !broken;
  const face = isScore
    ? make('div', { class: 'score', title: words.help_score }, '–')
    : make('div', { class: 'face', style: `width:${side}px;height:${side}px;box-shadow:${stack(stage.shape.length === 3 && stage.shape[0] > 3 ? stage.shape[0] : 1)}` }, canvas);
  const mosaic = make('div', { class: isScore ? 'verdict' : 'mosaic' });
  const thumbs = [];
  if (!isScore && stage.shape.length === 3 && stage.shape[0] > 3)
    for (let n = 0; n < Math.min(8, stage.shape[0]); n++) {
      thumbs.push(make('canvas', { 'aria-hidden': 'true' }));
      mosaic.append(make('span', {}, thumbs[n]));
    }
  faces[key] = { canvas, thumbs, face, mosaic, isScore };
  const title = broken ? problem.sentence : fill(words.open_stage, { name: stage.name });
  return make(
    'button',
    { class: 'stage' + (broken ? ' broken' : '') + (open === key ? ' open' : ''), type: 'button', 'data-key': key, 'aria-expanded': open === key, title, onclick: () => show(key) },
    make('span', { class: 'name' }, words['stage_' + stage.name.replace(/\d+$/, '')] ? fill(words['stage_' + stage.name.replace(/\d+$/, '')], { n: (stage.name.match(/\d+$/) || [''])[0] }) : stage.name),
    make('span', { class: 'glyph' }, face),
    make('span', { class: 'shape', title: words.help_shape }, broken ? '✗' : isScore ? words.one_number : by(stage.shape)),
    make('span', { class: 'layer' }, ...[[stage.layer, words.help_layer], ...describe(stage)].map(([line, help]) => make('div', { title: help }, line))),
    mosaic,
  );
}

function latentNode(value) {
  const canvas = make('canvas', { 'aria-hidden': 'true' });
  const columns = Math.ceil(Math.sqrt(value.latent_dim));
  const side = Math.max(24, Math.min(56, columns * 7));
  faces.z = { canvas, columns };
  return make(
    'div',
    { class: 'stage latent', 'data-key': 'z', title: words.latent_help },
    make('span', { class: 'name' }, words.latent),
    make('span', { class: 'glyph' }, make('div', { class: 'face', style: `width:${side}px;height:${side}px` }, canvas)),
    make('span', { class: 'shape' }, String(value.latent_dim)),
    make('span', { class: 'layer' }, words.latent_layer),
  );
}

function build(value) {
  const structure = JSON.stringify([value.networks, value.problem, value.latent_dim]);
  if (structure === drawn) return;
  drawn = structure;
  faces = {};
  const sizes = Object.values(value.networks).flat().map((stage) => (stage.shape.length === 3 ? stage.shape[1] : 0));
  const largest = Math.max(value.sample[1], ...sizes);
  const groups = Object.entries(value.networks).map(([network, stages]) => {
    const group = make('div', { class: 'network ' + network }, make('span', { class: 'title' }, words[network]));
    if (network === 'generator') group.append(latentNode(value));
    group.append(...stages.map((stage) => stageNode(network, stage, largest, value.problem)));
    return group;
  });
  board.style.setProperty('--stages-g', value.networks.generator.length + 1);
  board.style.setProperty('--stages-d', value.networks.discriminator.length);
  board.replaceChildren(...groups);
  alarm.hidden = !value.problem;
  alarm.textContent = value.problem ? fill(words.problem, value.problem) : '';
}

function paintLatent(z) {
  const { canvas, columns } = faces.z;
  canvas.width = columns;
  canvas.height = Math.ceil(z.length / columns);
  const context = canvas.getContext('2d');
  z.forEach((number, index) => {
    const strength = Math.min(1, Math.abs(number) / 2.2);
    const [r, g, b] = number < 0 ? [0, 114, 178] : [230, 159, 0];
    context.fillStyle = `rgb(${[r, g, b].map((c) => Math.round(245 + (c - 245) * strength)).join(',')})`;
    context.fillRect(index % columns, Math.floor(index / columns), 1, 1);
  });
}

// no verdict from an untrained discriminator, nor on a score that is a toss-up
function verdict(score, border) {
  if (border === null) return '';
  if (Math.abs(score - border) < 0.1) return words.undecided;
  return score > border ? words.looks_real : words.looks_fake;
}

async function paint(contents) {
  if (!contents || !contents.stages) return;
  element.dataset.painted = String(Number(element.dataset.painted || 0) + 1);
  paintLatent(contents.z);
  for (const [key, found] of Object.entries(contents.stages)) {
    const target = faces[key];
    if (!target || target.isScore) continue;
    const image = await decode(found.sprite);
    drawTile(target.canvas, image, found.sprite, 0);
    target.thumbs.forEach((thumb, n) => n < found.sprite.count && drawTile(thumb, image, found.sprite, n));
  }
  for (const target of Object.values(faces))
    if (target.isScore && contents.score !== null) {
      target.face.textContent = contents.score.toFixed(2);
      target.mosaic.textContent = verdict(contents.score, contents.border);
    }
}

const askStage = latest(async (key) => {
  const [network, stage] = key.split('.');
  if (!props.value.networks[network].find((found) => found.name === stage)?.shape.length) return; // one number: nothing to draw
  const answer = await server.stage({ model, network, stage, ...place });
  if (open !== key || answer.error) return;
  const box = detail.querySelector('.channels');
  const image = await decode(answer.sprite);
  if (!box) return;
  if (box.childElementCount !== answer.sprite.count)
    box.replaceChildren(...Array.from({ length: answer.sprite.count }, () => make('figure', {}, make('canvas'), make('figcaption'))));
  [...box.children].forEach((figure, n) => {
    drawTile(figure.firstChild, image, answer.sprite, n);
    figure.lastChild.textContent = '#' + answer.channels[n];
  });
  const s = answer.statistics;
  detail.querySelector('.note').textContent = fill(words.statistics, { mean: s.mean, std: s.std, off: Math.round(100 * s.off) });
});

function show(key) {
  open = open === key ? null : key;
  board.querySelectorAll('.stage').forEach((node) => {
    node.classList.toggle('open', node.dataset.key === open);
    if (node.tagName === 'BUTTON') node.setAttribute('aria-expanded', node.dataset.key === open);
  });
  detail.hidden = open === null;
  if (open === null) return;
  const [network, name] = open.split('.');
  const stage = props.value.networks[network].find((found) => found.name === name);
  if (!stage) return;
  const equation = stage.modules.map((module) => module.formula).filter((text) => text).join('   →   ');
  const rows = stage.modules.map((module) =>
    make('tr', {}, make('td', {}, module.type), make('td', {}, by(module.input)), make('td', {}, by(module.output)), make('td', {}, module.parameters.toLocaleString('en')), make('td', {}, module.macs.toLocaleString('en'))),
  );
  const heads = [words.module, words.input, words.output, words.parameters_head, words.macs];
  detail.replaceChildren(
    make('button', { class: 'close', type: 'button', 'aria-label': words.close, onclick: () => show(key) }, '×'),
    make('h4', {}, fill(words.detail, { network: words[network], stage: board.querySelector('.stage.open .name').textContent })),
    make('div', { class: 'columns' },
      make('div', { class: 'facts' },
        make('div', { class: 'equation' }, equation),
        make('div', { class: 'tablebox' }, make('table', {}, make('thead', {}, make('tr', {}, ...heads.map((head) => make('th', {}, head)))), make('tbody', {}, ...rows))),
        make('p', { class: 'note' }, model ? '' : words.untrained)),
      make('div', { class: 'channels' })),
  );
  if (model && stage.shape.length) askStage(open);
}

const askMaps = latest(async () => {
  const answer = await server.maps({ model, ...place });
  if (!answer.error) await paint(answer);
  if (open) askStage(open);
});

follow(() => {
  const value = props.value;
  if (!value) return;
  model = value.model;
  place = value.place || place;
  const before = drawn;
  if (!value.contents || !value.contents.stages) drawn = ''; // empty boxes again: what they showed is gone
  build(value);
  paint(value.contents);
  publish({ session: value.session, model: Boolean(model) }, true);
  if (open && before !== drawn) {
    const key = open;
    open = null;
    if (faces[key]) show(key);
    else detail.hidden = true;
  } else if (open && model) askStage(open);
});
hear('moment', (answer) => paint(answer.ladder));
hear('place', (news) => {
  if (news.model !== model || !model) return;
  place = { seeds: news.seeds, classes: news.classes, method: news.method, t: news.t };
  askMaps(place);
});
