const canvas = element.querySelector('canvas');
const legend = element.querySelector('.legend');
const choice = element.querySelector('.choice');
const readout = element.querySelector('.readout');
const LINES = {
  losses: [['loss_discriminator', '--pg-disc', '--pg-disc-text'], ['loss_generator', '--pg-fake', '--pg-fake-text']],
  scores: [['logit_real', '--pg-real', '--pg-real-text'], ['logit_fake', '--pg-fake', '--pg-fake-text']],
};
let view = 'losses';
let hover = null;
const PAD = { left: 40, right: 20, top: 10, bottom: 22 };

// the middle 98% decide the scale: one spike must not flatten the rest
function range(lists) {
  const all = lists.flat().filter((v) => v !== null && Number.isFinite(v)).sort((a, b) => a - b);
  if (!all.length) return [0, 1];
  const low = all[Math.floor(all.length * 0.01)];
  const high = all[Math.ceil(all.length * 0.99) - 1];
  const margin = (high - low) * 0.08 || 0.5;
  return [low - margin, high + margin];
}

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
  const [low, high] = range(lines.map(([name]) => value[name]));
  const last = value.step[count - 1] || 1;
  const x = (step) => PAD.left + (step / last) * (box.width - PAD.left - PAD.right);
  const y = (v) => box.height - PAD.bottom - ((v - low) / (high - low)) * (box.height - PAD.top - PAD.bottom);
  context.strokeStyle = colour('--pg-line');
  context.lineWidth = 1;
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  for (const t of ticks(low, high, 4)) {
    context.beginPath();
    context.moveTo(PAD.left, y(t));
    context.lineTo(box.width - PAD.right, y(t));
    context.stroke();
    context.fillText(t, PAD.left - 6, y(t));
  }
  context.textAlign = 'center';
  context.textBaseline = 'alphabetic';
  for (const t of ticks(0, last, 5).filter(Number.isInteger)) context.fillText(short(t), x(t), box.height - 7);
  for (const [name, hue] of lines) {
    context.strokeStyle = context.fillStyle = colour(hue);
    context.lineWidth = 2;
    context.lineJoin = 'round';
    context.beginPath();
    value[name].forEach((v, n) => v !== null && context.lineTo(x(value.step[n]), Math.max(PAD.top - 4, Math.min(box.height - PAD.bottom + 4, y(v)))));
    context.stroke();
    if (count === 1) context.fillRect(x(value.step[0]) - 3, y(value[name][0]) - 3, 6, 6);
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
  const parts = lines.map(([name]) => fill(words['value_' + name], { value: value[name][index] === null ? '–' : value[name][index].toFixed(3) }));
  readout.textContent = [fill(words.at, { step: value.step[index].toLocaleString('en'), seconds: value.seconds[index].toFixed(1) }), ...parts].join(' · ');
  element.dataset.points = count;
}

function choose(name) {
  view = name;
  legend.replaceChildren(...LINES[view].map(([line, hue, text]) => make('b', { style: 'color:var(' + text + ')', title: words['help_' + line] }, make('span', { style: 'color:var(' + hue + ')' }, '● '), words[line])));
  [...choice.children].forEach((button) => button.setAttribute('aria-selected', button.dataset.view === view));
  canvas.setAttribute('aria-label', words[view]);
  draw();
}
choice.append(...Object.keys(LINES).map((name) => make('button', { type: 'button', role: 'tab', 'data-view': name, title: words['help_' + name], onclick: () => choose(name) }, words[name])));
canvas.addEventListener('pointermove', (event) => { hover = event.offsetX; draw(); });
canvas.addEventListener('pointerleave', () => { hover = null; draw(); });
new ResizeObserver(draw).observe(canvas);
new MutationObserver(draw).observe(document.body, { attributes: true, attributeFilter: ['class'] });
choose('losses');
follow(draw);
