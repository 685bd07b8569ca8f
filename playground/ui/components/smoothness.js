// How much of a detour walks through the latent space are, measured on a click; earlier measurements stay in a table.
const find = (selector) => element.querySelector(selector);
const [ask, stop, progress, problem, body, verdict] = ['.ask', '.stop', 'progress', '.problem', '.body', '.verdict'].map(find);
const MAX_KEPT = 12;
const rows = [];
let measuring = false;

const digits = (value) => (value === null ? '–' : value >= 1000 ? Math.round(value).toLocaleString('en') : value.toPrecision(3).replace('e-', '·10^−').replace('^−', '⁻').replace(/⁻(\d+)$/, (_, n) => '⁻' + [...n].map((d) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[d]).join('')));
const detour = (way) => (way.detour === null ? '–' : way.detour.toFixed(2));
const within = (way, name) => (way[name + '_error'] === null ? '' : ' ± ' + (name === 'detour' ? way.detour_error.toFixed(2) : digits(way[name + '_error'])));

function busy(on, fraction = 0) {
  measuring = on;
  ask.disabled = on || !bus.visitor?.model;
  progress.hidden = stop.hidden = !on;
  progress.value = fraction;
}

function bars({ model, untrained, crossfade, floor }) {
  const sides = [[words.this_model, model, 'own'], [words.untrained, untrained, ''], [words.crossfade, crossfade, ''], [words.floor, { detour: floor }, '']];
  const longest = Math.max(...sides.map(([, way]) => way.detour ?? 0));
  find('.bars').replaceChildren(...sides.flatMap(([name, way, kind]) => [make('span', {}, name), make('span', {}, make('i', { class: kind, style: `--share:${(way.detour ?? 0) / longest}` })), make('b', {}, detour(way))]));
}

function show(result) {
  const { model, untrained, crossfade, measure } = result;
  body.hidden = false;
  bars(result);
  const known = model.detour !== null;
  const ratio = known ? fill(words.detour, { detour: detour(model), error: model.detour_error === null ? '–' : model.detour_error.toFixed(2) }) : words.no_detour;
  const others = fill(words.anchors, { untrained: detour(untrained), crossfade: detour(crossfade) });
  const speed = fill(words.speed, { full: digits(model.full), error: digits(model.full_error), untrained: digits(untrained.full) });
  verdict.textContent = [ratio, words.floor_is, others, speed, fill(words.measured, { measure, space: result.space })].join(' ');
  find('.bars').setAttribute('aria-label', ratio);
  element.dataset.detour = model.detour;
  rows.unshift(result);
  rows.splice(MAX_KEPT);
  table();
}

function table() {
  find('.scroll').hidden = !rows.length;
  const cells = ({ caption, step, model, measure }) => [caption, step.toLocaleString('en'), detour(model) + within(model, 'detour'), digits(model.full) + within(model, 'full'), measure];
  find('tbody').replaceChildren(...rows.map((row) => make('tr', {}, ...cells(row).map((cell) => make('td', {}, cell)))));
}

find('h3').textContent = words.title;
find('.intro').textContent = words.intro;
Object.assign(ask, { textContent: words.ask, title: words.ask_help, onclick: () => {
  problem.hidden = true;
  busy(true);
  trigger('go', {});
} });
Object.assign(stop, { textContent: words.stop, title: words.stop_help, onclick: () => trigger('halt', {}) });
find('thead tr').append(...[words.column_model, words.column_step, words.column_detour, words.column_speed, words.column_measure].map((name) => make('th', {}, name)));
watch('value', () => {
  const answer = props.value;
  if (!answer || !measuring) return;
  problem.hidden = !answer.error;
  problem.textContent = answer.error ?? '';
  if (answer.result) show(answer.result);
  busy(!(answer.result || answer.error || answer.stopped), answer.fraction ?? 0);
});
hear('visitor', () => measuring || busy(false));
busy(false);
