// The sheet of seeds to mark, of the panel "Steer": a tap goes from no mark to more of this, to less of that, to none.
const MARKED_SEEDS = 24;

function markSheet(holder, found) {
  let first = 101; // seeds that the collection does not begin with
  const marks = new Map();
  const grid = holder.querySelector('.sheet');
  const label = () => { const { label } = chosen()?.point ?? {}; return label === undefined ? {} : { label }; };
  const point = (seed) => ({ seed, ...label() });
  const find = make('button', { type: 'button', class: 'find-marked', title: words.find_marked_help, onclick: ask }, words.find_marked);
  const others = make('button', { type: 'button', title: words.others_help, onclick: () => { first += MARKED_SEEDS; draw(); } }, words.others);
  const clear = make('button', { type: 'button', title: words.clear_help, onclick: () => { marks.clear(); paint(); } }, words.clear);
  const count = make('span');
  holder.querySelector('p').textContent = words.marks_intro;
  holder.querySelector('.tools').append(find, others, clear, count);

  function cycle(seed) {
    const next = { undefined: 1, 1: -1, '-1': undefined }[marks.get(seed)];
    if (next) marks.set(seed, next);
    else marks.delete(seed);
    paint();
  }

  const side = (sign) => [...marks].filter(([, mark]) => mark === sign).map(([seed]) => seed);

  function paint() {
    for (const button of grid.children) {
      const mark = marks.get(Number(button.dataset.seed));
      button.className = mark === 1 ? 'more' : mark === -1 ? 'less' : '';
      button.querySelector('i').textContent = mark === 1 ? '+' : mark === -1 ? '−' : '';
      const sentence = fill(mark === 1 ? words.mark_more : mark === -1 ? words.mark_less : words.mark_none, { seed: button.dataset.seed });
      button.title = sentence;
      button.setAttribute('aria-label', sentence);
    }
    count.textContent = fill(words.marked, { more: side(1).length, less: side(-1).length });
    find.disabled = !marks.size;
  }

  async function ask() {
    const answer = await server.marked(asked({ liked: side(1).map(point), disliked: side(-1).map(point) }));
    found(answer);
  }

  async function draw() {
    const seeds = Array.from({ length: MARKED_SEEDS }, (_, n) => first + n);
    const answer = await server.pictures(asked({ points: seeds.map(point) }));
    if (answer.error) return found(answer);
    const image = await decode(answer.sprite);
    grid.replaceChildren(...seeds.map((seed, n) => {
      const canvas = make('canvas', { 'aria-hidden': 'true' });
      drawTile(canvas, image, answer.sprite, n);
      return make('button', { type: 'button', 'data-seed': seed, onclick: () => cycle(seed) }, canvas, make('i'));
    }));
    paint();
  }
  return draw;
}
