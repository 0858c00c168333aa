// Shows /api/openapi.json. Text nodes only; nothing is loaded from elsewhere.
'use strict';

const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

fetch('/api/openapi.json')
  .then((answer) => answer.json())
  .then((api) => {
    document.getElementById('about').replaceChildren(
      api.info.description + ' ',
      make('a', { href: '/api/openapi.json', textContent: 'openapi.json' }),
    );
    const sections = new Map();
    for (const [path, methods] of Object.entries(api.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        const tag = operation.tags?.[0] ?? 'other';
        if (!sections.has(tag)) sections.set(tag, []);
        sections.get(tag).push(show(api, path, method, operation));
      }
    }
    const routes = document.getElementById('routes');
    for (const [tag, entries] of [...sections].sort()) routes.append(make('h2', { textContent: tag }), ...entries);
  })
  .catch((error) => (document.getElementById('about').textContent = String(error)));

function show(api, path, method, operation) {
  const entry = make(
    'details',
    {},
    make(
      'summary',
      {},
      make('code', {}, make('span', { className: 'method', textContent: method.toUpperCase() }), path),
      ' ',
      make('span', { className: 'what', textContent: operation.summary ?? '' }),
    ),
  );
  if (operation.description) entry.append(make('p', { textContent: operation.description }));
  const schema = operation.requestBody?.content?.['application/json']?.schema;
  if (schema) {
    const name = schema.$ref?.split('/').pop();
    const shown = name ? api.components.schemas[name] : schema;
    entry.append(make('p', { textContent: 'Body: ' + (name ?? '') }), make('pre', { textContent: JSON.stringify(shown, null, 2) }));
  }
  return entry;
}
