// Reads lines {"model": XML, "expression": as in the form's bind, "result": path of the node, "repeats": [paths]};
// writes {"results": one text a node} or {"error"}. Needs openrosa-xpath-evaluator@3 and jsdom@24.
// Enketo rewrites an expression before it evaluates it; what of that matters here is done as enketo-core does it.
const { JSDOM } = require('jsdom');
const dom = new JSDOM('<html></html>');
for (const name of ['XPathEvaluator', 'document', 'XPathResult', 'Node', 'DOMParser']) global[name] = dom.window[name];
global.window = dom.window;
// jsdom asks for a type that browsers take for granted.
const create = dom.window.XPathEvaluator.prototype.createExpression;
dom.window.XPathEvaluator.prototype.createExpression = function (...given) {
  const made = create.apply(this, given);
  const evaluate = made.evaluate.bind(made);
  made.evaluate = (node, type) => evaluate(node, type || 0, null);
  return made;
};
const lib = require('openrosa-xpath-evaluator');
const evaluator = (lib.default || lib)();

const callOf = (text, name) => {
  const start = text.indexOf(name + '(');
  if (start < 0) return null;
  let depth = 0, from = start + name.length + 1;
  const given = [];
  for (let i = from - 1; i < text.length; i++) {
    if (text[i] === '(') depth++;
    if (text[i] === ')') depth--;
    if ((text[i] === ',' && depth === 1) || depth === 0) { given.push(text.slice(from, i).trim()); from = i + 1; }
    if (depth === 0) return { whole: text.slice(start, i + 1), given };
  }
};

function rewritten(text, node, asked) {
  text = text.replace(/current\(\)\/\./g, `${asked.result}/.`);
  text = text.replace(/instance\((['"])([^'"]+)\1\)/g, '/model/instance[@id="$2"]');
  text = text.replace(/(^|[^\w\].)"'])\/data(?=[/\s\])[,]|$)/g, '$1/model/instance[1]/data');
  const result = `/model/instance[1]${asked.result}`;
  for (let call; (call = callOf(text, 'indexed-repeat')); ) {
    let [path, ...pairs] = call.given;
    for (let i = pairs.length - 2; i >= 0; i -= 2) {
      const number = evaluator.evaluate(rewritten(pairs[i + 1], node, asked), node, null, 1, null).numberValue;
      path = path.replace(pairs[i].trim(), `${pairs[i].trim()}[position() = ${number}]`);
    }
    text = text.replace(call.whole, path);
  }
  for (const repeat of [...asked.repeats].reverse()) { // the innermost first
    const path = `/model/instance[1]${repeat}`;
    if (!result.startsWith(path + '/')) continue;
    let row = node;
    while (row.nodeName !== repeat.split('/').pop()) row = row.parentElement;
    let place = 1;
    for (let one = row; (one = one.previousElementSibling); ) if (one.nodeName === row.nodeName) place++;
    text = text.split(path + '/').join(`${path}[${place}]/`);
  }
  return text;
}

require('readline').createInterface({ input: process.stdin }).on('line', line => {
  const asked = JSON.parse(line);
  let answer;
  try {
    const model = new dom.window.DOMParser().parseFromString(asked.model, 'text/xml');
    const nodes = [...model.querySelectorAll('result')];
    answer = { results: nodes.map(node => evaluator.evaluate(rewritten(asked.expression, node, asked), node, null, 2, null).stringValue) };
  } catch (problem) { answer = { error: String(problem.message).split('\n')[0] }; }
  console.log(JSON.stringify(answer));
});
