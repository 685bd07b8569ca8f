// Another course from a moment of a run on, with one setting changed.
const picker = element.querySelector('#fork-run');
const slider = element.querySelector('#fork-moment');
const at = element.querySelector('output');
const keys = element.querySelector('#fork-key');
const holder = element.querySelector('.control');
const go = element.querySelector('#fork-go');
const stop = element.querySelector('#fork-stop');
const toEnd = element.querySelector('#fork-end');
const GROUPS = ['recipe', 'generator', 'discriminator', 'data'];
let fields = [];
let value = null;
let shownFor = ''; // the run whose settings and moments are offered, with its moments
let training = false;
let mine = false; // that what the status line says is about a fork that was asked for here
const news = element.querySelector('.news');

const forkable = () => (bus.runs?.runs ?? []).filter((run) => run.steps.length);
const chosen = () => forkable().find((run) => run.id === picker.value);
const step = () => chosen()?.steps[Number(slider.value)] ?? null;
for (const [name, part] of Object.entries({ title: 'title', empty: 'empty', from: 'from', when: 'when', what: 'what', long: 'long' })) element.querySelector('.' + part).textContent = words[name];
element.querySelector('.title').title = words.help;
go.textContent = words.go;
go.title = words.go_help;
stop.textContent = words.stop;
slider.setAttribute('aria-label', words.when);

function label() {
  const run = chosen();
  if (!run) return;
  const here = run.current && step() === (run.at ?? run.steps.at(-1));
  const numbers = { step: step().toLocaleString('en'), seconds: run.seconds[Number(slider.value)].toFixed(1), last: run.steps.at(-1).toLocaleString('en') };
  at.textContent = fill(here ? words.here : words.moment, numbers);
  const before = step() < run.steps.at(-1);
  toEnd.disabled = !before;
  if (!before) toEnd.checked = false;
  element.querySelector('.end').textContent = fill(words.to_end, numbers);
}

function pickField() {
  const field = fields.find((found) => found.key === keys.value);
  element.querySelector('.value').hidden = !field;
  element.querySelector('.value small').textContent = field?.help ?? '';
  element.querySelector('.value > span').textContent = field ? words.value : '';
  value = field ? field.value : null;
  holder.replaceChildren(...(field ? [fieldControl(field, field.label, field.value, (changed) => (value = changed), words.same)] : []));
}

function offerFields() {
  const kept = keys.value;
  const option = (field) => make('option', { value: field.key }, field.label);
  const groups = [['common', fields.filter((field) => field.common)], ...GROUPS.map((name) => [name, fields.filter((field) => !field.common && field.group === name)])];
  keys.replaceChildren(
    make('option', { value: '' }, words.nothing),
    ...groups.filter(([, found]) => found.length).map(([name, found]) => make('optgroup', { label: words['group_' + name] }, ...found.map(option))),
  );
  keys.value = fields.some((field) => field.key === kept) ? kept : '';
  pickField();
}

const askFields = latest(async () => {
  const run = chosen();
  if (!run) return;
  const answer = await server.choices({ model: bus.runs.model, run: run.id });
  if (answer.error) return say('notice', answer.error);
  const text = JSON.stringify(answer.fields);
  if (text === JSON.stringify(fields)) return; // what is being typed stays
  fields = answer.fields;
  offerFields();
});

function offerMoments(run) {
  const key = run.id + ' ' + run.steps.join() + ' ' + run.at;
  if (key === shownFor) return;
  const same = shownFor.startsWith(run.id + ' ') && !run.current;
  const kept = step();
  shownFor = key;
  slider.max = run.steps.length - 1;
  slider.disabled = run.steps.length < 2;
  const wanted = same ? kept : run.at;
  const place = wanted === null ? -1 : run.steps.indexOf(wanted);
  slider.value = place < 0 ? run.steps.length - 1 : place;
}

function draw() {
  const runs = forkable();
  element.querySelector('.empty').hidden = runs.length > 0;
  element.querySelector('.form').hidden = !runs.length;
  const kept = picker.value;
  picker.replaceChildren(...runs.map((run) => make('option', { value: run.id }, run.title)));
  if (!runs.length) return;
  picker.value = runs.some((run) => run.id === kept) ? kept : runs[0].id;
  offerMoments(chosen());
  label();
  if (!training) askFields({});
}

picker.addEventListener('change', draw);
slider.addEventListener('input', label);
keys.addEventListener('change', pickField);
go.addEventListener('click', () => {
  const request = { run: picker.value, step: step(), key: keys.value, value, seconds: Number(element.querySelector('#fork-seconds').value), to_end: toEnd.checked };
  mine = true;
  trigger('fork', { request });
});
stop.addEventListener('click', () => trigger('halt', {}));
function enable(on) {
  training = on;
  go.disabled = on;
  stop.disabled = !on;
}
hear('training', enable);
hear('status', (value) => {
  if (!mine) return;
  news.textContent = [value.message, value.numbers].filter(Boolean).join(' ');
  news.classList.toggle('bad', Boolean(value.bad));
  mine = value.state === 'running';
});
hear('runs', draw);
hear('fork-of', (id) => {
  picker.value = id;
  draw();
  element.scrollIntoView({ block: 'center', behavior: 'smooth' });
  keys.focus({ preventScroll: true });
});
enable(bus.visitor?.training ?? false);
draw();
