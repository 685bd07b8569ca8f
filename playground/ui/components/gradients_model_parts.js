// The view "This model": gradients by stage now and along the run, what its cells hold, where its attention looks.
function modelView({ server, tell, askedOf, done }) {
  const [stages, course, insides] = ['.stages', '.course', '.inside'].map(find);
  const progress = make('progress', { hidden: true, max: 1 });
  const follow = make('button', { type: 'button', class: 'following', title: words.follow_help, onclick: () => { wait(0); trigger('go', {}); } }, words.follow);
  const stop = make('button', { type: 'button', hidden: true, title: words.stop_help, onclick: () => trigger('halt', {}) }, words.stop);
  const told = make('span', { class: 'note' });
  find('.follow').append(follow, stop, progress, told);
  let moments = [];
  let chosen = { layer: 0, query: null }; // stays when the model is another

  function wait(share) {
    progress.value = share ?? 1;
    stop.hidden = progress.hidden = share === null;
    follow.disabled = share !== null;
  }

  // ---- one bar a stage
  function bars(found) {
    const known = found.bars.flatMap(({ weights, output }) => [weights, output]).filter((log) => log !== null);
    const [low, high] = [Math.min(...known, 0) - 0.3, Math.max(...known, 0) + 0.1];
    const share = (log) => `${Math.max(0, Math.min(100, ((log - low) / (high - low)) * 100)).toFixed(1)}%`;
    const column = (network) => make('div', {}, make('h4', { class: network }, words['of_' + network]), ...found.bars.filter((bar) => bar.network === network).map((bar) => {
      const track = make('span', { class: 'track' });
      if (bar.weights !== null) track.append(make('i', { style: `--share:${share(bar.weights)}` }));
      if (bar.output !== null) track.append(make('u', { style: `--out:${share(bar.output)}` }));
      const help = fill(words.bar_help, { stage: bar.stage, weights: bar.own ? tenTo(bar.weights) : words.none, output: tenTo(bar.output) });
      return make('div', { class: 'row', title: help, 'data-stage': bar.stage, 'data-weights': bar.weights ?? '' }, make('span', { class: 'name' }, bar.stage), track, make('span', { class: 'value' }, bar.own ? tenTo(bar.weights) : '–'));
    }));
    stages.replaceChildren(column('generator'), column('discriminator'));
    follow.disabled = found.moments < 2 || !progress.hidden;
    told.textContent = found.moments > 1 ? fill(words.moments, { count: found.moments }) : words.no_moments;
  }

  // ---- along the run
  function draw() {
    if (insides.offsetParent) insides.querySelector('canvas.rows')?.draw();
    if (!moments.length || !course.offsetParent) return;
    const names = (network) => [...new Set(moments.flatMap((moment) => moment.bars.filter((bar) => bar.network === network && bar.own).map((bar) => bar.stage)))];
    const x = moments.map(({ step }) => step);
    for (const network of ['generator', 'discriminator']) {
      const canvas = course.querySelector(`[data-network="${network}"]`);
      const found = names(network);
      const lines = found.map((name, n) => ({ name, hue: colour(network === 'generator' ? '--pg-fake' : '--pg-disc'), dash: [[], [7, 3], [2, 3], [9, 3, 2, 3]][n % 4], fade: 1 - 0.6 * (n / Math.max(1, found.length - 1)), values: moments.map(({ bars: all }) => all.find((bar) => bar.network === network && bar.stage === name)?.weights ?? null) }));
      drawLines(canvas, lines, { x, label: [fill(words.step, { step: x[0] }), fill(words.step, { step: x[x.length - 1] })], height: 200, names: true });
      canvas.dataset.moments = moments.length;
    }
  }

  function take(value) {
    if (!value) return;
    if (value.error) {
      wait(null);
      return tell(value.error);
    }
    if (!value.course) return;
    moments = value.course;
    if (!course.childElementCount) course.append(...['generator', 'discriminator'].map((network) => make('figure', {}, make('figcaption', {}, make('b', { class: network }, words['of_' + network])), make('canvas', { 'data-network': network, role: 'img', 'aria-label': words.course }))));
    wait(value.busy ? moments.length / value.total : null);
    draw();
  }

  // ---- what is inside
  async function ask() {
    const found = await server.inside(askedOf());
    if (!found.error) await showInside(found);
    done(found);
    if (found.error) return;
    const lengths = await server.lengths(askedOf());
    if (lengths.error) tell(lengths.error);
    else bars(lengths);
  }

  async function showInside(found) {
    find('.about').textContent = fill(words.about_model, { name: found.architecture, step: found.step.toLocaleString('en') });
    const image = await decode(found.picture);
    const parts = [];
    const own = found.states.filter(({ network }) => network === 'generator');
    if (own.length && found.rows) parts.push(make('h4', {}, words.rows_title), rowsFigure(found, own[own.length - 1], image), make('p', { class: 'note' }, words.rows_note));
    for (const cell of found.states) {
      parts.push(make('h4', { class: cell.network }, fill(words.cell_of, { network: words['of_' + cell.network], stage: cell.name, cell: words['name_' + cell.cell] })));
      parts.push(...cell.maps.map((map) => heatFigure(cell, map, words['map_' + map.name])));
    }
    if (found.attention.length) parts.push(...attentionPart(found, image));
    if (!parts.length) parts.push(make('p', { class: 'note nothing' }, words.nothing_inside));
    insides.replaceChildren(...parts);
    insides.querySelector('canvas.rows')?.draw();
  }

  // The picture, its states and what the last row owes to each step, side by side, time running down.
  function rowsFigure(found, cell, image) {
    const canvas = make('canvas', { class: 'rows', role: 'img', 'aria-label': words.rows_title });
    const map = make('canvas');
    const values = new Int8Array(bytes(cell.maps[0].data).buffer);
    paintMap(map, cell.units, cell.steps, (unit, t) => values[t * cell.units + unit] / 127);
    canvas.draw = () => {
      const side = Math.min(184, canvas.clientWidth * 0.28);
      const { context, width } = fit(canvas, side + 18);
      const [left, wide] = [side + 10, (width - side - 20) * 0.62];
      context.imageSmoothingEnabled = false;
      const tile = make('canvas');
      drawTile(tile, image, found.picture, 0);
      context.drawImage(tile, 0, 16, side, side);
      context.drawImage(map, left, 16, wide, side);
      const [low, high] = extent([found.rows]);
      found.rows.forEach((log, t) => {
        if (log === null) return;
        context.fillStyle = colour('--pg-grad');
        const tall = side / found.rows.length;
        context.fillRect(left + wide + 10, 16 + t * tall, ((log - low) / (high - low)) * (width - left - wide - 14), tall - 1);
      });
      context.fillStyle = colour('--pg-soft');
      [[0, words.rows_picture], [left, words.rows_states], [left + wide + 10, words.rows_owed]].forEach(([x, name]) => context.fillText(name, x, 11));
      Object.assign(canvas.dataset, { steps: found.rows.length, first: found.rows[0], last: found.rows[found.rows.length - 1] });
    };
    return make('figure', {}, canvas);
  }

  // ---- attention: a click on a place shows where it looks
  function attentionPart(found, image) {
    const layers = found.attention;
    const pick = make('select', { 'aria-label': words.layer, title: words.layer_help, onchange: () => open(Number(pick.value)) }, ...layers.map((layer, n) => make('option', { value: n }, `${words['of_' + layer.network]}: ${layer.name} (${layer.queries.join('×')})`)));
    const looks = make('div', { class: 'looks' });
    const said = make('p', { class: 'note spread' });
    const gate = make('p', { class: 'note' });
    const tile = make('canvas');
    drawTile(tile, image, found.picture, 0);

    async function open(index, wanted = null) {
      const layer = layers[index];
      const [high, wide] = layer.queries;
      const query = wanted !== null && wanted < high * wide ? wanted : high > 1 ? Math.floor(high / 2) * wide + Math.floor(wide / 2) : 0;
      chosen = { layer: index, query };
      pick.value = index;
      const answer = await server.look({ ...askedOf(), network: layer.network, number: layer.number, query });
      if (answer.error) return tell(answer.error);
      if (chosen.layer !== index || chosen.query !== query) return; // clicked on meanwhile
      gate.textContent = layer.gate === 1 ? '' : fill(layer.gate ? words.gate : words.gate_closed, { gate: layer.gate });
      said.textContent = fill(words.spread, { heads: answer.spread.map((share) => `${Math.round(100 * share)} %`).join(', ') });
      looks.replaceChildren(asking(layer, query, index), ...answer.weights.map((weights, n) => head(layer, weights, n)));
      Object.assign(looks.dataset, { query, heads: answer.weights.length, layer: layer.name });
    }

    function asking(layer, query, index) {
      const [high, wide] = layer.queries;
      const canvas = make('canvas', { class: high > 1 ? 'query' : 'query line', title: words.query_help, width: 16 * wide, height: 16 * high });
      const context = canvas.getContext('2d');
      context.imageSmoothingEnabled = false;
      if (high > 1) context.drawImage(tile, 0, 0, canvas.width, canvas.height);
      context.lineWidth = Math.max(2, wide / 4);
      context.strokeStyle = colour('--run-2');
      context.strokeRect((query % wide) * 16, Math.floor(query / wide) * 16, 16, 16);
      canvas.addEventListener('pointerdown', (event) => {
        const box = canvas.getBoundingClientRect();
        const x = Math.min(wide - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * wide)));
        const y = Math.min(high - 1, Math.max(0, Math.floor(((event.clientY - box.top) / box.height) * high)));
        open(index, y * wide + x);
      });
      return make('figure', {}, make('figcaption', {}, make('b', {}, words.query)), canvas);
    }

    function head(layer, weights, n) {
      const [high, wide] = layer.keys;
      const most = Math.max(...weights) || 1;
      const canvas = make('canvas', { class: high > 1 ? 'look' : 'look line', role: 'img', 'aria-label': fill(words.head, { n: n + 1 }) });
      paintMap(canvas, wide, high, (x, y) => weights[y * wide + x] / most);
      canvas.dataset.sum = weights.reduce((sum, part) => sum + part, 0).toFixed(3);
      return make('figure', {}, make('figcaption', {}, make('b', {}, fill(words.head, { n: n + 1 })), fill(words.strongest, { most: `${(100 * most).toFixed(1)} %` })), canvas);
    }

    open(layers[chosen.layer] ? chosen.layer : 0, chosen.query);
    return [make('h4', {}, words.attention_title), make('div', { class: 'bar' }, pick), looks, said, gate];
  }

  return { ask, draw, take };
}
