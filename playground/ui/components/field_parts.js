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
  const whole = field.kind === 'int';
  return make('input', { type: 'number', min: field.low, max: field.high, step: whole ? 1 : 'any', value, 'data-key': field.key, title: field.help, 'aria-label': name, onchange: (event) => change(event.target.value) });
}
