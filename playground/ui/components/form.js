const holder = element.querySelector('.sections');
const presets = element.querySelector('.presets');
const alarm = element.querySelector('.error');
let built = '';
const unfolded = new Set();

const label = (key) => words[key.split('.').pop()] || key.split('.').pop().replaceAll('_', ' ');
const edit = (key, value) => trigger('edit', { key, value });

const control = (field, value, change) => fieldControl(field, label(field.key), value, change, words.same);

function row(field) {
  return make('label', { class: 'field' }, make('span', {}, label(field.key)), control(field, field.value, (value) => edit(field.key, value)), make('small', {}, field.help));
}

// the settings that few people touch lie in a fold, which stays open while the form is drawn again
function fields(section) {
  const common = section.fields.filter((field) => !field.advanced).map(row);
  const rare = section.fields.filter((field) => field.advanced).map(row);
  if (!rare.length) return common;
  const fold = make('details', { ontoggle: (event) => (event.target.open ? unfolded.add(section.name) : unfolded.delete(section.name)) }, make('summary', {}, words.more), ...rare);
  return [...common, fold];
}

function table(section) {
  const heads = section.per_stage.map((field) => make('th', { title: field.help }, label(field.key)));
  const rows = section.stages.map((stage, n) =>
    make('tr', {}, make('th', {}, stage || words.all_stages), ...section.per_stage.map((field) => {
      if (field.value.length > 1 && n >= field.value.length) return make('td');
      const values = field.value.length === 1 ? section.stages.map(() => field.value[0]) : field.value;
      const change = (value) => edit(field.key, values.map((old, m) => (m === n ? value : old)));
      const node = control(field, values[n], change);
      node.dataset.key = field.key + '.' + stage;
      const resized = field.key.endsWith('padding') && section.name === 'generator' && kinds(section)[n] !== 'transposed';
      node.disabled = resized;
      if (resized) node.title = words.same_padding;
      return make('td', {}, node);
    })),
  );
  return make('div', { class: 'wide' }, make('table', {}, make('thead', {}, make('tr', {}, make('th', {}), ...heads)), make('tbody', {}, ...rows)));
}

function kinds(section) {
  const field = section.per_stage.find((found) => found.key.endsWith('upsampling'));
  return section.stages.map((_, n) => (field ? field.value[field.value.length === 1 ? 0 : n] : 'transposed'));
}

const presetButton = (name, title, summary, kind) => make('button', { type: 'button', class: kind, title: summary, 'data-preset': name, onclick: () => trigger('preset', { name }) }, title);

function offer(known) {
  presets.hidden = false;
  if (presets.childElementCount) return;
  presets.append(make('b', { title: words.presets_help }, words.presets), ...known.map(({ name, title, summary }) => presetButton(name, title, summary)), presetButton('defaults', words.defaults, words.defaults_help, 'back'));
}

follow(() => {
  const value = props.value;
  if (!value) return;
  offer(value.presets);
  alarm.hidden = !value.error;
  alarm.textContent = value.error;
  const text = JSON.stringify(value);
  if (text === built) return;
  built = text;
  const focused = element.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  holder.replaceChildren(...value.sections.filter((section) => section.fields.length || section.per_stage.length).map((section) =>
    make('section', { class: section.name }, make('h4', {}, words['section_' + section.name]), ...fields(section), section.stages.length ? table(section) : null)));
  for (const name of unfolded) holder.querySelector('section.' + name + ' details')?.setAttribute('open', '');
  if (focused) element.querySelector('[data-key="' + focused + '"]')?.focus();
});
