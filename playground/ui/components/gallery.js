const current = element.querySelector('.current');
const panel = element.querySelector('dialog');
const cards = element.querySelector('.cards');
const TALL = 34; // pixels for the largest map of a card; the others are drawn to the same scale

element.querySelector('.label').textContent = words.label;
element.querySelector('.info').textContent = words.info;
element.querySelector('.heading').textContent = words.heading;
element.querySelector('.note').textContent = words.note;
element.querySelector('.close').setAttribute('aria-label', words.close);

// height by the size of the maps, width by their number
function bars(card) {
  const sizes = [...card.generator, ...card.discriminator].map(([size]) => size);
  const largest = Math.max(...sizes);
  const bar = (network) => ([size, channels]) =>
    make('i', { class: network, style: `height:${Math.max(3, (size / largest) * TALL)}px;width:${2 + Math.log2(channels) * 1.3}px;opacity:${0.45 + Math.min(0.55, Math.log2(channels) / 12)}` });
  return make('span', { class: 'bars', 'aria-hidden': 'true' }, ...card.generator.map(bar('generator')), make('i', { class: 'gap' }), ...card.discriminator.map(bar('discriminator')));
}

function cardNode(card) {
  const speed = card.ms === null ? words.unmeasured : fill(words.speed, { ms: card.ms < 10 ? card.ms.toFixed(1) : Math.round(card.ms) });
  return make(
    'button',
    { class: 'card' + (card.chosen ? ' chosen' : ''), type: 'button', 'data-name': card.name, 'aria-current': card.chosen, disabled: Boolean(card.problem), onclick: () => pick(card.name) },
    make('span', { class: 'line' }, make('b', {}, card.title), make('span', { class: 'year' }, String(card.year)), card.conditional ? make('span', { class: 'mark', title: words.conditional_help }, words.conditional) : null),
    make('span', { class: 'summary' }, card.summary),
    card.problem ? make('span', { class: 'problem' }, card.problem) : bars(card),
    card.problem ? null : make('span', { class: 'numbers' }, make('span', {}, fill(words.parameters, { count: short(card.parameters) })), make('span', {}, speed)),
  );
}

function pick(name) {
  panel.close();
  if (name !== props.value.name) trigger('pick', { name });
}

async function open() {
  panel.showModal();
  if (!cards.childElementCount) cards.replaceChildren(make('p', { class: 'wait' }, words.wait));
  const answer = await server.cards({ model: props.value.session });
  if (answer.error) {
    panel.close();
    return say('notice', answer.error);
  }
  cards.replaceChildren(...answer.cards.map(cardNode));
  const chosen = cards.querySelector('.chosen');
  chosen?.scrollIntoView({ block: 'nearest' });
  if (panel.open) chosen?.focus();
}

current.addEventListener('click', open);
element.querySelector('.close').addEventListener('click', () => panel.close());
panel.addEventListener('click', (event) => event.target === panel && panel.close()); // beside it
hear('training', (on) => (current.disabled = on));

follow(() => {
  const value = props.value;
  if (!value) return;
  const name = element.querySelector('.name');
  name.textContent = value.title;
  name.dataset.name = value.name;
  current.setAttribute('aria-label', words.label + ': ' + value.title);
});
