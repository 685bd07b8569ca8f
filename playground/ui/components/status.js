const bar = element.querySelector('.bar');
const done = element.querySelector('.done');
const numbers = element.querySelector('.numbers');
const message = element.querySelector('.message');

follow(() => {
  const value = props.value || {};
  const percent = Math.round(100 * (value.fraction || 0));
  done.style.width = percent + '%';
  bar.setAttribute('aria-valuenow', percent);
  numbers.textContent = value.numbers || '';
  message.textContent = value.message || '';
  message.classList.toggle('bad', Boolean(value.bad));
  element.dataset.state = value.state || 'idle';
  document.body.dataset.training = value.state === 'running';
  say('training', value.state === 'running');
  say('status', value);
  if (bus.visitor?.training !== (value.state === 'running')) publish({ training: value.state === 'running' });
});
hear('notice', (news) => {
  message.textContent = news.sentence ?? news;
  message.classList.toggle('bad', news.bad ?? true);
});
