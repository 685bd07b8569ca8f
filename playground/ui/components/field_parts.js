// A setting as the server describes it; `same` stands for an empty choice.
function fieldControl(field, name, value, change, same = '') {
  if (field.kind === 'choice') {
    const options = field.choices.map((choice) => make('option', { value: choice, selected: String(choice) === String(value) }, choice === '' ? same : String(choice)));
    return make('select', { 'data-key': field.key, title: field.help, 'aria-label': name, onchange: (event) => change(event.target.value) }, ...options);
  }
  if (field.kind === 'bool') {
    const box = make('input', { type: 'checkbox', 'data-key': field.key, 'aria-label': name, onchange: (event) => change(event.target.checked) });
    box.checked = value;
    return box;
  }
  if (field.kind === 'str') return make('input', { type: 'text', spellcheck: 'false', value, 'data-key': field.key, title: field.help, 'aria-label': name, onchange: (event) => change(event.target.value) });
  if (field.kind === 'text') {
    const lines = make('textarea', { rows: 4, 'data-key': field.key, title: field.help, 'aria-label': name, spellcheck: false, onchange: (event) => change(event.target.value) });
    lines.value = value;
    return lines;
  }
  const whole = field.kind === 'int';
  return make('input', { type: 'number', min: field.low, max: field.high, step: whole ? 1 : 'any', value, 'data-key': field.key, title: field.help, 'aria-label': name, onchange: (event) => change(event.target.value) });
}
