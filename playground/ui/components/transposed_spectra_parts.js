// The same experiment trained twice, with transposed and with resize convolutions: sheets, spectra, checkerboards.
const HUES = ['--pg-fake', '--run-1', '--pg-real'];

function makeSpectra(container) {
  const field = (label, title, control) => make('label', { title }, label, control);
  const choice = (options) => make('select', {}, ...options.map(([value, text]) => make('option', { value }, text)));
  const seconds = make('input', { type: 'number', min: 5, max: 60, step: 1, value: 15, 'aria-label': words.seconds });
  const resize = choice([['nearest', words.nearest], ['bilinear', words.bilinear], ['pixel-shuffle', words.shuffle_pixels]]);
  const kernel = choice([['own', words.own], ['4', words.even_kernel], ['3', words.uneven_three], ['5', words.uneven_five]]);
  const begin = make('button', { type: 'button', class: 'begin', title: words.begin_help }, words.begin);
  const halt = make('button', { type: 'button', class: 'halt', title: words.halt_help, disabled: true }, words.halt);
  const state = make('span', { class: 'state', 'aria-live': 'polite' });
  const bar = make('i');
  const arms = [0, 1].map((n) => ({ sheet: make('canvas', { class: 'sheet', role: 'img' }), caption: make('figcaption', {}, n ? words.arm_resize : words.arm_transposed) }));
  const chart = make('canvas', { class: 'chart', role: 'img', title: words.chart_help });
  const shares = make('table', { class: 'shares' });
  container.replaceChildren(
    make('div', { class: 'pair' }, field(words.against, words.against_help, resize), field(words.kernel_of, words.kernel_of_help, kernel), field(words.seconds, words.seconds_help, seconds), begin, halt, state),
    make('div', { class: 'track' }, bar),
    make('div', { class: 'arms' }, ...arms.map(({ sheet, caption }) => make('figure', {}, caption, sheet)), make('figure', {}, make('figcaption', {}, words.chart), chart, shares)));
  begin.addEventListener('click', () => {
    begin.disabled = true;
    halt.disabled = false;
    state.textContent = words.waiting;
    trigger('go', { request: { seconds: Number(seconds.value), resize: resize.value, kernel: kernel.value } });
  });
  halt.addEventListener('click', () => trigger('halt', {}));
  let shownNow = null;

  async function drawSheet({ sheet, caption }, arm, name) {
    if (!arm) return;
    caption.textContent = fill(words.arm, { name, k: arm.kernel, s: arm.stride, step: arm.step, seconds: arm.seconds.toFixed(1) });
    sheet.setAttribute('aria-label', caption.textContent);
    const image = await decode(arm.sprite);
    [sheet.width, sheet.height] = [image.width, image.height];
    sheet.getContext('2d').drawImage(image, 0, 0);
  }

  function drawChart() {
    const curves = shownNow ? [...shownNow.arms, shownNow.real] : [];
    const box = chart.getBoundingClientRect();
    if (!box.width) return;
    const ratio = window.devicePixelRatio || 1;
    [chart.width, chart.height] = [Math.round(box.width * ratio), Math.round(box.height * ratio)];
    const pen = chart.getContext('2d');
    pen.scale(ratio, ratio);
    pen.font = '11px system-ui, sans-serif';
    const known = curves.filter(Boolean).flatMap(({ power }) => power.filter((value) => value > 0)).map(Math.log10);
    pen.fillStyle = pen.strokeStyle = colour('--pg-soft');
    if (!known.length) return pen.fillText(words.nothing_yet, 14, 24);
    const [low, high] = [Math.max(Math.min(...known), Math.max(...known) - 8), Math.max(...known)];
    const [left, right, top, floor] = [42, 12, 12, box.height - 32];
    const x = (frequency) => left + (frequency / 0.5) * (box.width - left - right);
    const y = (value) => floor - ((Math.log10(value) - low) / (high - low || 1)) * (floor - top);
    for (let n = Math.ceil(low); n <= high; n++) {
      pen.globalAlpha = 0.25;
      pen.fillRect(left, y(10 ** n), box.width - left - right, 1);
      pen.globalAlpha = 1;
      pen.textAlign = 'right';
      pen.fillText('10' + String(n).replace(/./g, (c) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[c] ?? '⁻'), left - 5, y(10 ** n) + 4);
    }
    pen.textAlign = 'center';
    for (const t of [0.1, 0.2, 0.3, 0.4, 0.5]) pen.fillText(String(t), Math.min(x(t), box.width - 14), floor + 14);
    pen.fillText(words.frequency, (left + box.width) / 2, box.height - 4);
    curves.forEach((curve, n) => {
      if (!curve) return;
      pen.strokeStyle = colour(HUES[n]);
      pen.lineWidth = 2.25;
      pen.setLineDash(n === 2 ? [5, 4] : []);
      pen.beginPath();
      curve.power.forEach((value, at) => value > 0 && pen.lineTo(x(curve.frequencies[at]), Math.min(floor, y(value))));
      pen.stroke();
    });
    pen.setLineDash([]);
    chart.dataset.given = JSON.stringify(curves.map((curve) => curve && curve.power));
  }

  function drawShares() {
    const names = [words.arm_transposed, words.arm_resize, words.real];
    const rows = [...shownNow.arms, shownNow.real].map((curve, n) => curve && make('tr', { 'data-share': curve.checkerboard },
      make('td', {}, make('i', { style: `--hue: var(${HUES[n]})` }), names[n]), make('td', {}, fill(words.share, { share: Number((100 * curve.checkerboard).toPrecision(2)) }))));
    shares.replaceChildren(make('caption', {}, words.share_title), ...rows.filter(Boolean));
    shares.title = words.share_help;
    chart.setAttribute('aria-label', words.chart + ': ' + shares.textContent);
  }

  function show(given) {
    if (!given) return;
    begin.disabled = Boolean(given.running);
    halt.disabled = !given.running;
    if (given.error) return void (state.textContent = given.error);
    shownNow = given;
    bar.style.width = 100 * given.fraction + '%';
    const left = Math.ceil((1 - given.fraction) * given.seconds);
    state.textContent = given.message || (given.running ? fill(words.running, { left: 2 * left }) : words.done);
    container.dataset.running = given.running;
    given.arms.forEach((arm, n) => drawSheet(arms[n], arm, n ? words.arm_resize : words.arm_transposed));
    drawChart();
    drawShares();
  }
  return { show, redraw: drawChart };
}
