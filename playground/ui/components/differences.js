// The settings in which the runs side by side differ, a column a run.
const holder = element.querySelector('.holder');
element.querySelector('.title').textContent = words.title;

function draw() {
  const runs = (bus.runs?.runs ?? []).filter((run) => run.shown);
  const rows = bus.runs?.differences ?? [];
  element.dataset.rows = rows.length;
  if (runs.length < 2 || !rows.length) {
    holder.replaceChildren(make('p', {}, runs.length < 2 ? words.alone : words.none));
    return;
  }
  const heads = runs.map((run) => make('th', { title: run.title, scope: 'col', 'aria-label': run.title }, markOf(run)));
  const body = rows.map(({ name, values }) => make('tr', {}, make('th', { scope: 'row' }, name), ...values.map((value) => make('td', { class: value === values[0] ? '' : 'other' }, value))));
  holder.replaceChildren(make('table', {}, make('thead', {}, make('tr', {}, make('th', {}), ...heads)), make('tbody', {}, ...body)));
}
hear('runs', draw);
draw();
