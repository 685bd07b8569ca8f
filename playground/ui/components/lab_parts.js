// A lesson beside a lab's picture: sentences with gaps for the picture's numbers. A click on one (or Enter) makes the
// picture show what it says; the sentence that the picture shows now is marked.
//
//   const text = teach(container, { scatter: () => {…}, overlap: () => {…} });   what each `show` of the lesson does
//   text.fill({ k: 4, s: 2 });      numbers into the gaps, whenever they change
//   text.mark('scatter');           the picture went there by other means
//
// `lesson` is { title, sentences: [{ text, show? }] }, from playground/ui/text/lessons/en/NAME.toml.
function teach(container, shows) {
  const title = make('h3', {}, lesson.title);
  const items = lesson.sentences.map(({ text, show }) => {
    const act = shows[show];
    const node = act
      ? make('button', { type: 'button', class: 'sentence', 'data-show': show, 'aria-pressed': 'false', onclick: () => { mark(show); act(); } })
      : make('span', { class: 'sentence' });
    return { text, show, node };
  });
  container.classList.add('lesson');
  container.replaceChildren(title, ...items.flatMap(({ node }) => [node, ' ']));
  const mark = (shown) => items.forEach(({ show, node }) => show && node.setAttribute('aria-pressed', String(show === shown)));
  let known = {};
  const fillIn = (numbers) => {
    known = { ...known, ...numbers };
    // a gap without a number yet shows what it stands for, not braces
    for (const { text, node } of items) node.textContent = text.replace(/\{(\w+)\}/g, (gap, name) => known[name] ?? name);
  };
  fillIn({});
  return { fill: fillIn, mark };
}
