const HUES = { generator: '--pg-fake', discriminator: '--pg-disc', gradient: '--pg-grad' };
const SHOWN = 8;
const SLOWEST = 4000; // milliseconds that a moment stays
const FASTEST = 150;
// what is lit at each moment: parts, and the wires along which something runs
const LIT = {
  round: [['fakes', 'reals', 'd', 'scores'], ['fakes>d', 'reals>d', 'd>scores']],
  sample: [['z'], []],
  generate: [['z', 'g', 'fakes'], ['z>g', 'g>fakes']],
  score: [['fakes', 'reals', 'd', 'scores'], ['fakes>d', 'reals>d', 'd>scores']],
  gradient_discriminator: [['scores', 'd'], ['scores<d']],
  update_discriminator: [['d'], []],
  score_again: [['fakes', 'reals', 'd', 'scores'], ['fakes>d', 'reals>d', 'd>scores']],
  score_fakes: [['fakes', 'd', 'scores'], ['fakes>d', 'd>scores']],
  gradient_pixels: [['scores', 'd', 'fakes'], ['scores<d', 'd<fakes']],
  gradient_generator: [['fakes', 'g'], ['fakes<g']],
  update_generator: [['g'], []],
  generate_again: [['z', 'g', 'fakes', 'd', 'scores'], ['z>g', 'g>fakes', 'fakes>d', 'd>scores']],
};
const EMPTY = { fakes: null, reals: null, gradient: {}, shares: {}, numbers: {} };

let session = null;
let data = null; // the step that is shown
let base = EMPTY; // what was on the screen when it began
let index = 0;
let timer = null;
let playing = false; // step after step
let asking = false;
let training = false;
let changed = false; // the first tab has not seen our steps yet
let course = null;
let preview = null; // the stages of the networks before any step
let tally = { step: 0, samples_seen: 0 };

const dwell = () => SLOWEST * (FASTEST / SLOWEST) ** (Number(find('.speed input').value) / 100);

// What has been seen of the step up to its moment `last`, on top of what was there before.
function fold(last) {
  const seen = { ...base, gradient: {}, shares: {}, wish: null, change: null, ghost: null };
  data.substeps.slice(0, last + 1).forEach(({ name, numbers, series, pictures }) => {
    if (series.latents) seen.latents = series.latents;
    if (pictures.fake) Object.assign(seen, { fakes: pictures.fake, fakeScores: null, wish: null });
    if (pictures.real) seen.reals = pictures.real;
    if (name === 'score_again') seen.ghost = seen.fakeScores;
    if (name === 'generate_again') seen.ghost = seen.lastFake;
    if (series.logit_real) seen.realScores = series.logit_real;
    if (series.logit_fake) seen.fakeScores = seen.lastFake = series.logit_fake;
    seen.wish = pictures.wish ?? (name === 'gradient_generator' ? seen.wish : null);
    seen.change = pictures.change ?? null;
    const network = name.split('_')[1];
    if (series.lengths) seen.gradient = { ...seen.gradient, [network]: series.lengths };
    if (series.shares) seen.shares = { ...seen.shares, [network]: series.shares };
    const said = { ...seen.numbers };
    for (const key of ['real', 'fake', 'right', 'separation']) if (key in numbers) said[key] = numbers[key];
    if (name === 'gradient_discriminator' || name === 'round') said.loss_d = numbers.loss;
    if (name === 'gradient_pixels') said.loss_g = numbers.loss;
    if (['generate_again', 'score_fakes'].includes(name)) said.right = said.separation = null;
    seen.numbers = said;
  });
  return seen;
}

// ---------------------------------------------------------------- one moment

function paintDots() {
  const list = find('.dots');
  const moments = data?.substeps ?? [];
  list.replaceChildren(...moments.map(({ name, actor }, n) =>
    make('li', { class: (n < index ? 'past ' : '') + 'long', style: `--hue:var(${HUES[actor]})` },
      make('button', { type: 'button', title: words['title_' + name], 'aria-label': fill(words.dot, { number: n + 1, title: words['title_' + name] }), 'aria-current': n === index ? 'step' : null, onclick: () => goTo(n) }, make('b', {}, n + 1), make('span', {}, words['title_' + name])))));
  if (!moments.length) list.append(make('li', { class: 'keys' }, words.keys));
}

function show() {
  const moment = data?.substeps[index];
  const [parts, wires] = moment ? LIT[moment.name] : [[], []];
  const hue = moment ? `var(${HUES[moment.actor]})` : '';
  const seen = data ? fold(index) : base;
  element.dataset.moment = moment?.name ?? '';
  element.dataset.index = index;
  const diagram = find('.diagram');
  diagram.classList.toggle('moving', Boolean(moment));
  diagram.style.setProperty('--hue', hue);
  element.querySelectorAll('.node').forEach((part) => part.classList.toggle('lit', parts.includes(part.dataset.node)));
  paintDots();
  paintLatents(seen.latents);
  paintTiles('fakes', seen.fakes, seen.fakeScores, seen);
  paintTiles('reals', seen.reals, seen.realScores);
  paintBars('g', 'generator', seen);
  paintBars('d', 'discriminator', seen);
  paintNumbers(seen.numbers);
  paintScores(seen);
  paintWires(wires, hue);
  node('fakes').querySelector('small').textContent = seen.wish ? words.wish_legend : seen.change ? words.fakes_after : '';
  if (moment) caption(moment.caption);
}

function caption(sentence, bad = false) {
  find('.caption').textContent = sentence;
  find('.caption').classList.toggle('bad', bad);
}

// ---------------------------------------------------------------- time

function halt() {
  clearTimeout(timer);
  timer = null;
  playing = false;
  buttons();
}

function goOn() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (!shown()) return halt();
    if (index + 1 < data.substeps.length) {
      index += 1;
      show();
      goOn();
    } else if (playing) take('both');
    else halt();
  }, dwell());
  buttons();
}

function goTo(moment) {
  if (!data) return;
  halt();
  index = Math.max(0, Math.min(data.substeps.length - 1, moment));
  show();
}

async function take(turn, fresh = false) {
  if (asking || !session) return;
  clearTimeout(timer);
  timer = null;
  asking = true;
  buttons();
  const late = setTimeout(() => caption(words.waiting), 400);
  const answer = await server.step({ model: session, turn, fresh }).catch((error) => ({ error: String(error) }));
  clearTimeout(late);
  asking = false;
  if (answer.error) {
    halt();
    return caption(answer.error, true);
  }
  base = data && !fresh ? fold(data.substeps.length - 1) : EMPTY;
  data = answer;
  index = 0;
  changed = true;
  count(answer);
  find('.note').textContent = words.from_own;
  find('.fresh').hidden = false;
  element.dataset.taken = Number(element.dataset.taken || 0) + 1;
  if (!shown()) return leave(); // it came too late: the visitor has gone to another tab
  show();
  goOn();
}

// The first tab is told what has become of the model.
function leave() {
  halt();
  if (changed) trigger('left', {});
  changed = false;
}

function play() {
  if (playing || timer) return halt();
  playing = true;
  if (data && index + 1 < data.substeps.length) goOn();
  else take('both');
}

function count(answer) {
  tally = answer;
  course = answer.curve;
  element.dataset.step = answer.step;
  find('.counted').textContent = fill(words.counted, { step: answer.step.toLocaleString('en'), samples: answer.samples_seen.toLocaleString('en') });
  paintCourse();
}

function buttons() {
  const idle = !asking && !training && Boolean(session);
  element.querySelectorAll('.buttons button:not(.play), .fresh').forEach((button) => (button.disabled = !idle));
  const button = find('.play');
  button.disabled = training || !session;
  button.textContent = playing || timer ? words.pause : words.play;
  button.setAttribute('aria-pressed', Boolean(playing || timer));
}

function paintCourse() {
  const [context, wide, high] = prepared(find('.course canvas'));
  const known = course?.separation.length ?? 0;
  if (!wide) return;
  context.strokeStyle = colour('--pg-line');
  context.strokeRect(0.5, 0.5, wide - 1, high - 1);
  if (!known) {
    context.fillStyle = colour('--pg-soft');
    context.textAlign = 'center';
    return context.fillText(words.curve_empty, wide / 2, high / 2 + 4);
  }
  const losses = [...course.loss_discriminator, ...course.loss_generator].filter((value) => value !== null);
  const range = [Math.min(0, ...losses), Math.max(...losses, 1e-6)];
  const line = (values, [low, top], hue) => {
    context.strokeStyle = context.fillStyle = colour(hue);
    context.lineWidth = 1.8;
    context.beginPath();
    values.forEach((value, n) => {
      if (value === null) return;
      const x = known > 1 ? 5 + (n / (known - 1)) * (wide - 10) : wide / 2;
      const y = high - 5 - ((value - low) / (top - low || 1)) * (high - 10);
      context.lineTo(x, y);
      if (known < 12 || (values[n - 1] ?? null) === null) context.fillRect(x - 2, y - 2, 4, 4); // a line of one point
    });
    context.stroke();
  };
  line(course.loss_discriminator, range, '--pg-disc');
  line(course.loss_generator, range, '--pg-fake');
  line(course.separation, [0, 1], '--pg-real');
}

// ---------------------------------------------------------------- beginnings

function title(name, text, help = null) {
  node(name).querySelector('h3').append(make('span', {}, text), make('small'));
  if (help) node(name).title = help;
}
title('z', words.z, words.z_help);
title('g', words.g, words.bars_help);
title('fakes', words.fakes);
title('reals', words.reals);
title('d', words.d, words.bars_help);
title('scores', words.scores, words.scores_help);
element.querySelectorAll('.tiles').forEach((board) => {
  for (let n = 0; n < SHOWN; n++) board.append(make('div', { class: 'tile' }, make('b'), make('canvas', { width: 8, height: 8 }), make('span')));
});
find('.buttons').append(
  ...['both', 'discriminator', 'generator'].map((turn) => make('button', { type: 'button', class: turn, title: words[turn + '_help'], onclick: () => { playing = false; take(turn); } }, words[turn])),
  make('button', { type: 'button', class: 'play', title: words.play_help, onclick: play }, words.play),
);
find('.dots').setAttribute('aria-label', words.dots);
find('.speed span').textContent = words.speed;
find('.speed').title = words.speed_help;
find('.speed input').setAttribute('aria-label', words.speed);
find('.speed input').addEventListener('input', () => timer && goOn());
find('.fresh').textContent = words.fresh;
find('.fresh').title = words.fresh_help;
find('.fresh').addEventListener('click', () => { playing = false; take('both', true); });
find('.course').title = words.curve;
find('.legend').append(
  make('b', { style: 'color:var(--pg-real-text)' }, words.separation), make('b', { style: 'color:var(--pg-disc-text)' }, words.loss_d), make('b', { style: 'color:var(--pg-fake-text)' }, words.loss_g));

keepUp(latest(async (visitor) => {
  const answer = await server.start({ model: visitor.session });
  if (answer.error) return caption(answer.error, true);
  if (visitor.session !== session || answer.step !== tally.step || answer.samples_seen !== tally.samples_seen) {
    halt();
    data = null; // what was shown is of another model, or has been trained on
    base = EMPTY;
    index = 0;
  }
  session = visitor.session;
  preview = answer;
  count(answer);
  find('.note').textContent = answer.note;
  find('.fresh').hidden = answer.kind === 'noise'; // that is where they start anyway
  buttons();
  show();
  if (!data) caption(answer.obstacle || (training ? words.training : words.ready), Boolean(answer.obstacle));
}));

hear('training', (on) => {
  if (training === on) return;
  training = on;
  if (on) {
    halt();
    caption(words.training);
  } else if (data) show();
  else caption(words.ready);
  buttons();
});

document.addEventListener('keydown', (event) => {
  if (!shown() || event.altKey || event.ctrlKey || event.metaKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
  if (event.key === 'ArrowLeft') goTo(index - 1);
  if (event.key === 'ArrowRight') goTo(index + 1);
});
new ResizeObserver(() => {
  if (shown()) return show();
  leave();
}).observe(find('.diagram'));
new MutationObserver(() => shown() && show()).observe(document.body, { attributes: true, attributeFilter: ['class'] });
training = Boolean(bus.visitor?.training);
buttons();
show();
