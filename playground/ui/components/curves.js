const canvas = element.querySelector('canvas');
const choice = element.querySelector('.choice');
const readout = element.querySelector('.readout');
const LINES = {
  losses: [['loss_discriminator', '--pg-disc', '--pg-disc-text'], ['loss_generator', '--pg-fake', '--pg-fake-text']],
  scores: [['logit_real', '--pg-real', '--pg-real-text'], ['logit_fake', '--pg-fake', '--pg-fake-text']],
  quality: [['quality', '--pg-fake', '--pg-fake-text'], ['quality_floor', '--pg-real', '--pg-real-text'], ['quality_untrained', '--pg-faint', '--pg-soft']],
  gradients: [['gradient_discriminator', '--pg-disc', '--pg-disc-text'], ['gradient_generator', '--pg-fake', '--pg-fake-text']],
};
const LOGARITHMIC = ['quality', 'gradients'];
const DASHED = ['quality_floor', 'quality_untrained']; // what a curve is to be compared with
let view = 'losses';
let hover = null;
let cursor = null; // the step of the moment that the timeline went back to
const PAD = { left: 40, right: 20, top: 10, bottom: 22 };

function draw() {
  const box = canvas.getBoundingClientRect();
  if (!box.width) return;
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(box.width * ratio);
  canvas.height = Math.round(box.height * ratio);
  const context = canvas.getContext('2d');
  context.scale(ratio, ratio);
  const value = props.value || { step: [] };
  const lines = LINES[view];
  const count = value.step.length;
  context.font = '11px system-ui, sans-serif';
  context.fillStyle = colour('--pg-soft');
  if (!count) {
    context.textAlign = 'center';
    context.fillText(words.empty, box.width / 2, box.height / 2);
    readout.textContent = '';
    return;
  }
  const logarithmic = LOGARITHMIC.includes(view);
  const scaled = (v) => (v === null || v === undefined ? null : logarithmic ? Math.log10(Math.max(v, 1e-12)) : v);
  const [low, high] = range(lines.map(([name]) => (value[name] || []).map(scaled)));
  const last = value.step[count - 1] || 1;
  const x = (step) => PAD.left + (step / last) * (box.width - PAD.left - PAD.right);
  const y = (v) => at(scaled(v));
  const at = (v) => box.height - PAD.bottom - ((v - low) / (high - low)) * (box.height - PAD.top - PAD.bottom);
  context.strokeStyle = colour('--pg-line');
  context.lineWidth = 1;
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  for (const t of logarithmic ? powers(low, high) : ticks(low, high, 4)) {
    context.beginPath();
    context.moveTo(PAD.left, at(t));
    context.lineTo(box.width - PAD.right, at(t));
    context.stroke();
    context.fillText(logarithmic ? plain(10 ** t) : t, PAD.left - 6, at(t));
  }
  context.textAlign = 'center';
  context.textBaseline = 'alphabetic';
  for (const t of ticks(0, last, 5).filter(Number.isInteger)) context.fillText(short(t), x(t), box.height - 7);
  for (const [name, hue] of lines) {
    context.strokeStyle = context.fillStyle = colour(hue);
    context.lineWidth = 2;
    context.lineJoin = 'round';
    context.beginPath();
    context.setLineDash(DASHED.includes(name) ? [5, 4] : []);
    (value[name] || []).forEach((v, n) => v !== null && context.lineTo(x(value.step[n]), Math.max(PAD.top - 4, Math.min(box.height - PAD.bottom + 4, y(v)))));
    context.stroke();
    context.setLineDash([]);
    const dots = view === 'quality' && !DASHED.includes(name) ? value.step.map((_, n) => n).filter((n) => value[name][n] !== null) : count === 1 ? [0] : [];
    for (const n of dots) context.fillRect(x(value.step[n]) - 2, y(value[name][n]) - 2, 4, 4);
  }
  if (cursor !== null) {
    context.strokeStyle = colour('--pg-fake');
    context.lineWidth = 1.5;
    context.beginPath();
    context.moveTo(x(cursor), PAD.top);
    context.lineTo(x(cursor), box.height - PAD.bottom);
    context.stroke();
  }
  const index = hover === null ? count - 1 : value.step.reduce((best, s, n) => (Math.abs(x(s) - hover) < Math.abs(x(value.step[best]) - hover) ? n : best), 0);
  if (hover !== null) {
    context.strokeStyle = colour('--pg-faint');
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(x(value.step[index]), PAD.top);
    context.lineTo(x(value.step[index]), box.height - PAD.bottom);
    context.stroke();
  }
  const latestKnown = (list) => list.slice(0, index + 1).findLast((v) => v !== null && v !== undefined);
  const parts = lines.map(([name, hue, text]) => {
    const known = latestKnown(value[name] || []);
    const sentence = fill(words['value_' + name], { value: known === undefined ? '–' : plain(known) });
    return make('b', { style: 'color:var(' + text + ')', title: words['help_' + name] }, make('span', { style: 'color:var(' + hue + ')', 'aria-hidden': 'true' }, '● '), sentence);
  });
  const place = fill(words.at, { step: value.step[index].toLocaleString('en'), seconds: value.seconds[index].toFixed(1) });
  readout.replaceChildren(...parts, make('span', {}, place));
  element.dataset.points = count;
}

function choose(name) {
  view = name;
  [...choice.children].forEach((button) => button.setAttribute('aria-selected', button.dataset.view === view));
  canvas.setAttribute('aria-label', words[view]);
  draw();
}
choice.append(...Object.keys(LINES).map((name) => make('button', { type: 'button', role: 'tab', 'data-view': name, title: words['help_' + name], onclick: () => choose(name) }, words[name])));
canvas.addEventListener('pointermove', (event) => { hover = event.offsetX; draw(); });
canvas.addEventListener('pointerleave', () => { hover = null; draw(); });
hear('cursor', (step) => {
  cursor = step;
  draw();
});
new ResizeObserver(draw).observe(canvas);
new MutationObserver(draw).observe(document.body, { attributes: true, attributeFilter: ['class'] });
choose('losses');
follow(draw);
