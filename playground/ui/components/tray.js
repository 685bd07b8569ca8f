const [empty, list] = ['.empty', '.points'].map((selector) => element.querySelector(selector));

const ask = latest(async () => {
  const { points } = tray();
  list.replaceChildren(...points.map(({ id, name }) =>
    make('button', { type: 'button', class: 'point' + (id === chosen()?.id ? ' chosen' : ''), 'data-id': id, onclick: () => choosePoint(id) },
      make('canvas', { 'aria-hidden': 'true' }), name)));
  if (!points.length) return;
  const answer = await server.pictures(asked({ points: points.map(({ point }) => point) }));
  if (answer.error) return say('notice', answer.error);
  const image = await decode(answer.sprite);
  list.querySelectorAll('canvas').forEach((canvas, n) => drawTile(canvas, image, answer.sprite, n));
});

empty.textContent = words.untrained;
hear('tray', () => ask({}));
keepUp(async (visitor) => {
  empty.hidden = visitor.model;
  list.hidden = !visitor.model;
  if (visitor.model) await ask({});
});
