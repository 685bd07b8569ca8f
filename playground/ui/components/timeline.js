// Training time: a slider over the moments that the run kept. Each is asked from the server, the latest wins; the other
// components draw what comes (the news `moment`).
const row = element.querySelector('.row');
const slider = element.querySelector('input');
const at = element.querySelector('.at');
const play = element.querySelector('.play');
const keep = element.querySelector('.keep');
const scale = element.querySelector('.ticks');
const PAUSE = 350; // milliseconds that a moment stays while playing
let steps = [];
let model = null;
let timer = null;

element.querySelector('.title').textContent = words.title;
element.querySelector('.title').title = words.help;
slider.setAttribute('aria-label', words.slider);
slider.title = words.help;
slider.id = 'timeline-slider';
play.id = 'timeline-play';

const newest = () => Number(slider.value) >= steps.length - 1;

function label() {
  const value = props.value || {};
  const index = Number(slider.value);
  const step = steps[index];
  if (steps.length < 2) at.textContent = words.empty;
  else {
    const best = newest() && value.best !== null && value.best !== undefined;
    const numbers = { step: (best ? value.best : step).toLocaleString('en'), seconds: value.seconds[index].toFixed(1) };
    at.textContent = fill(best ? words.best : newest() ? words.now : words.then, numbers);
  }
  const past = steps.length > 1 && !newest();
  row.classList.toggle('past', past);
  element.dataset.step = step ?? 0;
  say('cursor', past ? step : null);
}

const ask = latest(async () => {
  const answer = await server.moment({ model, step: newest() ? null : steps[Number(slider.value)] });
  if (answer.error) return say('notice', answer.error);
  say('moment', answer);
  element.dataset.shown = answer.timeline.at ?? 'now';
});

function playing(on) {
  clearInterval(timer);
  timer = null;
  play.textContent = on ? words.pause : words.play;
  play.setAttribute('aria-pressed', on);
  if (!on) return;
  if (newest()) slider.value = 0;
  moved();
  timer = setInterval(() => {
    if (!element.isConnected) return clearInterval(timer);
    slider.value = Number(slider.value) + 1;
    moved();
    if (newest()) playing(false);
  }, PAUSE);
}

function moved() {
  label();
  ask({});
}

slider.addEventListener('input', () => {
  playing(false);
  moved();
});
play.addEventListener('click', () => playing(timer === null));
play.title = words.play_help;

keep.id = 'timeline-keep';
keep.textContent = words.keep;
keep.title = words.keep_help;
keep.addEventListener('click', async () => {
  const answer = await server.keep({ model });
  if (answer.error) return say('notice', answer.error);
  say('notice', { sentence: answer.said, bad: false });
  say('kept', answer);
});

// another tab has taken this one to a moment
hear('go', ({ step }) => {
  playing(false);
  slider.value = Math.max(0, steps.indexOf(step));
  label();
  element.dataset.shown = newest() ? 'now' : step;
});

follow(() => {
  const value = props.value;
  if (!value) return;
  const follows = newest() || value.model !== model || value.at === null;
  const kept = steps[Number(slider.value)];
  model = value.model;
  steps = value.steps;
  slider.max = Math.max(0, steps.length - 1);
  const place = steps.findIndex((step) => step >= (value.at ?? kept));
  slider.value = follows || place < 0 ? steps.length - 1 : place;
  slider.disabled = play.disabled = steps.length < 2;
  keep.disabled = !steps.length;
  const last = Math.max(1, steps.length - 1);
  const marks = steps.length < 2 ? [] : steps;
  scale.replaceChildren(...marks.map((step, n) => make('i', { class: step === value.best ? 'best' : '', style: 'left:' + (100 * n) / last + '%' })));
  element.dataset.moments = steps.length;
  if (timer === null) label();
});
playing(false);
