/** Draws /openapi.json: each operation with its parameters, answers and a form that sends it. */
export const DOCS_SCRIPT = `'use strict';
const element = (name, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};
const byId = (id) => document.getElementById(id);
const refName = (schema) => schema && schema.$ref ? schema.$ref.split('/').pop() : null;

function typeOf(schema) {
  if (!schema) return '';
  const name = refName(schema);
  if (name) return name;
  if (schema.enum) return schema.enum.map((one) => JSON.stringify(one)).join(' | ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.type === 'array') return typeOf(schema.items) + '[]';
  const several = schema.anyOf || schema.oneOf;
  if (several) return several.map(typeOf).join(' | ');
  return [].concat(schema.type || 'any').join(' | ');
}

function memberTable(schema) {
  const required = new Set(schema.required || []);
  const rows = Object.entries(schema.properties || {}).map(([name, member]) =>
    element('tr', {},
      element('td', {}, element('code', { textContent: name + (required.has(name) ? '' : '?') })),
      element('td', {}, element('code', { textContent: typeOf(member) })),
      element('td', { textContent: [member.description, member.default === undefined ? '' : 'default ' + JSON.stringify(member.default)].filter(Boolean).join('; ') })));
  return element('table', {}, ...rows);
}

function exampleOf(document_, operation) {
  const body = operation.requestBody && operation.requestBody.content['application/json'];
  if (!body) return null;
  const schema = refName(body.schema) ? document_.components.schemas[refName(body.schema)] : body.schema;
  return schema.example || {};
}

function tryForm(document_, path, method, operation) {
  const inputs = (operation.parameters || []).map((parameter) => {
    const input = element('input', { size: 40, placeholder: (parameter.schema && parameter.schema.example) || '' });
    return { parameter, input, label: element('label', {}, element('span', { textContent: parameter.name + ' (' + parameter.in + (parameter.required ? ', required' : '') + ')' }), input, ' ', parameter.description || (parameter.schema && parameter.schema.description) || '') };
  });
  const example = exampleOf(document_, operation);
  const body = example && element('textarea', { value: JSON.stringify(example, null, 2) });
  const answer = element('div');
  const send = element('button', { textContent: 'Send' });
  send.addEventListener('click', async () => {
    let target = path;
    const query = new URLSearchParams();
    const headers = {};
    for (const { parameter, input } of inputs) {
      if (parameter.in === 'path') target = target.replace('{' + parameter.name + '}', encodeURIComponent(input.value));
      else if (input.value === '') continue;
      else if (parameter.in === 'query') query.set(parameter.name, input.value);
      else headers[parameter.name] = input.value;
    }
    if (byId('key').value) headers.authorization = 'Bearer ' + byId('key').value;
    if (body) headers['content-type'] = 'application/json';
    answer.replaceChildren('Sending …');
    try {
      const response = await fetch(target + (query.size ? '?' + query : ''), { method: method.toUpperCase(), headers, body: body ? body.value : undefined });
      const type = response.headers.get('content-type') || '';
      const shown = [element('p', { textContent: 'HTTP ' + response.status + ' ' + type })];
      if (type.startsWith('image/')) shown.push(element('img', { src: URL.createObjectURL(await response.blob()) }));
      else {
        const text = await response.text();
        shown.push(element('pre', { textContent: type.includes('json') ? JSON.stringify(JSON.parse(text), null, 2) : text }));
      }
      answer.replaceChildren(...shown);
    } catch (error) {
      answer.replaceChildren(String(error));
    }
  });
  return element('div', {}, ...inputs.map(({ label }) => label), ...(body ? [body] : []), send, answer);
}

function operationOf(document_, path, method, operation) {
  const answers = Object.entries(operation.responses).map(([status, answer]) =>
    element('tr', {}, element('td', { textContent: status }), element('td', { textContent: answer.description }),
      element('td', {}, element('code', { textContent: Object.entries(answer.content || {}).map(([type, { schema }]) => type + ' ' + typeOf(schema)).join(', ') }))));
  return element('details', {},
    element('summary', {}, element('b', { textContent: method.toUpperCase() }), element('code', { textContent: path }), ' ', operation.summary || ''),
    tryForm(document_, path, method, operation), element('table', {}, ...answers));
}

fetch('/openapi.json').then((response) => response.json()).then((document_) => {
  byId('about').textContent = document_.info.description;
  byId('operations').replaceChildren(...Object.entries(document_.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => operationOf(document_, path, method, operation))));
  byId('schemas').replaceChildren(...Object.entries(document_.components.schemas).map(([name, schema]) =>
    element('details', {}, element('summary', { textContent: name }), schema.properties ? memberTable(schema) : element('pre', { textContent: JSON.stringify(schema, null, 2) }))));
});
`;
