const panel = element.querySelector('.panel');
const state = element.querySelector('.sentence');
const advice = element.querySelector('.text');
const apply = element.querySelector('button');
const GOOD = ['learning', 'finished'];
const NEUTRAL = ['warming-up'];
let running = false;

const written = (change) => Object.entries(change).map(([key, value]) => key.split('.')[1].replaceAll('_', ' ') + ' = ' + value).join(', ');

// "Learning: the distance …": what stands before the colon is the name of the state
function named(sentence) {
  const cut = sentence.indexOf(':') + 1;
  return [make('b', {}, sentence.slice(0, cut)), sentence.slice(cut)];
}

follow(() => {
  const value = props.value;
  element.dataset.state = value ? value.state : '';
  panel.classList.toggle('good', Boolean(value) && GOOD.includes(value.state));
  panel.classList.toggle('bad', Boolean(value) && !GOOD.includes(value.state) && !NEUTRAL.includes(value.state));
  state.replaceChildren(...(value ? named(value.sentence) : [words.empty]));
  state.title = value ? words['help_' + value.state] : '';
  advice.textContent = value ? value.advice : '';
  const change = value ? value.change : {};
  apply.hidden = !Object.keys(change).length;
  apply.textContent = words.apply;
  apply.title = fill(words.apply_help, { change: written(change) });
  apply.disabled = running;
});
apply.id = 'diagnosis-apply';
apply.addEventListener('click', () => trigger('apply', { change: props.value.change }));
hear('training', (on) => {
  running = on;
  apply.disabled = on;
});
