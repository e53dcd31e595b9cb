// What console calls look like: the call, our text, and where that differs on purpose, what the console of DevTools showed for the same
// call. All were read from the front end that comes with Chromium 156 (its no-break spaces as spaces, without its zero-width ones), with
// all levels shown. It sorts functions to the end, shows nodes as HTML and tables as tables, and keeps all lines of a function and an error.

export interface ConsoleCase {
  readonly call: string
  readonly text: string
  /** The arguments as text, where they differ from the text as its only item. */
  readonly args?: readonly string[]
  /** What DevTools shows, where that is not our text. */
  readonly devtools?: string
}

const longWord = 'long '.repeat(40)
const utcDate = 'Thu Jan 01 1970 00:00:00 GMT+0000 (Coordinated Universal Time)'
const hundred = Array.from({ length: 100 }, (_, index) => index).join(', ')

export const primitiveCases: readonly ConsoleCase[] = [
  { call: "console.log('plain')", text: 'plain' },
  { call: "console.log('')", text: '' },
  { call: "console.log('two', 'words')", text: 'two words', args: ['two', 'words'] },
  { call: "console.log('line\\nbreak')", text: 'line\nbreak' },
  { call: "console.log('emoji 😀 and \\u0000')", text: 'emoji 😀 and \u0000' },
  { call: "console.log('lone \\ud800')", text: 'lone \ud800' },
  { call: `console.log('long '.repeat(40))`, text: longWord },
  { call: 'console.log(1, 1.5, 1e21, 1e-7)', text: '1 1.5 1e+21 1e-7', args: ['1', '1.5', '1e+21', '1e-7'] },
  { call: 'console.log(-0, NaN, Infinity, -Infinity)', text: '-0 NaN Infinity -Infinity', args: ['-0', 'NaN', 'Infinity', '-Infinity'] },
  { call: 'console.log(10n, -1n)', text: '10n -1n', args: ['10n', '-1n'] },
  { call: 'console.log(true, false)', text: 'true false', args: ['true', 'false'] },
  { call: 'console.log(null)', text: 'null' },
  { call: 'console.log(undefined)', text: 'undefined' },
  {
    call: "console.log(Symbol('s'), Symbol(), Symbol.iterator)",
    text: 'Symbol(s) Symbol() Symbol(Symbol.iterator)',
    args: ['Symbol(s)', 'Symbol()', 'Symbol(Symbol.iterator)'],
  },
  { call: "console.log(1, 'quoted', \"it's\")", text: `1 'quoted' "it's"`, args: ['1', 'quoted', "it's"] },
]

export const objectCases: readonly ConsoleCase[] = [
  { call: 'console.log({})', text: '{}' },
  { call: "console.log({a: 1, b: 'x', c: null, d: undefined, e: {f: 1}})", text: "{a: 1, b: 'x', c: null, d: undefined, e: {…}}" },
  {
    call: "console.log({g: [1, 2], h: () => 1, j: Symbol('q'), k: 10n, l: -0})",
    text: '{g: Array(2), h: ƒ, j: Symbol(q), k: 10n, l: -0}',
    devtools: '{g: Array(2), j: Symbol(q), k: 10n, l: -0, h: ƒ}',
  },
  { call: 'console.log({a: 1, b: 2, c: 3, d: 4, e: 5, f: 6})', text: '{a: 1, b: 2, c: 3, d: 4, e: 5, …}' },
  {
    call: "console.log({'a-b': 1, 'with space': 2, '': 3, ['__proto__']: 4, 1: 5})",
    text: "{1: 5, a-b: 1, with space: 2, '': 3, __proto__: 4}",
    devtools: '{1: 5, a-b: 1, with space: 2, "": 3, __proto__: 4}',
  },
  { call: 'console.log({get x() { return 1 }})', text: '{x: (...)}', devtools: '{}' },
  {
    call: "console.log({s: 'new\\nline', t: 'it\\'s', u: 'both\\'\"', v: '\\\\'})",
    text: "{s: 'new\\nline', t: \"it's\", u: `both'\"`, v: '\\\\'}",
  },
  {
    call: `console.log({s: 'long '.repeat(40)})`,
    text: `{s: '${'long '.repeat(10)}…${'long '.repeat(10).slice(1)}'}`,
  },
  { call: "var c = {name: 'c'}; c.self = c; console.log(c)", text: "{name: 'c', self: {…}}" },
  { call: "console.log(new (class Foo { a = 1; b = 'two' }))", text: "Foo {a: 1, b: 'two'}" },
  { call: 'console.log(Object.create(null), Object.assign(Object.create(null), {x: 1}))', text: '{} {x: 1}', args: ['{}', '{x: 1}'] },
  {
    call: "console.log(new Number(1), new String('s'), new Boolean(false), Object(1n))",
    text: "Number {1} String {'s'} Boolean {false} BigInt {1n}",
    args: ['Number {1}', "String {'s'}", 'Boolean {false}', 'BigInt {1n}'],
  },
  {
    call: 'console.log(new Proxy({a: 1}, {}), new Proxy([1, 2], {}))',
    text: 'Proxy(Object) {a: 1} Proxy(Array) {0: 1, 1: 2}',
    args: ['Proxy(Object) {a: 1}', 'Proxy(Array) {0: 1, 1: 2}'],
  },
  { call: 'console.log(Object.freeze({a: 1}))', text: '{a: 1}' },
]

export const collectionCases: readonly ConsoleCase[] = [
  { call: 'console.log([])', text: '[]' },
  { call: 'console.log([1])', text: '[1]' },
  { call: "console.log([1, 'two', null])", text: "(3) [1, 'two', null]" },
  { call: 'console.log([1,,3], new Array(5))', text: '(3) [1, empty, 3] (5) [empty × 5]', args: ['(3) [1, empty, 3]', '(5) [empty × 5]'] },
  { call: 'console.log([[1], [2, 3], {a: 1}])', text: '(3) [Array(1), Array(2), {…}]' },
  { call: 'console.log(Array.from({length: 150}, (_, i) => i))', text: `(150) [${hundred}, …]` },
  { call: 'console.log(Object.assign([1, 2], {name: 5}))', text: '(2) [1, 2, name: 5]' },
  { call: 'console.log((function () { return arguments })(1, 2))', text: 'Arguments(2) [1, 2, callee: ƒ, Symbol(Symbol.iterator): ƒ]' },
  { call: 'console.log(new (class List extends Array {})(3))', text: 'List(3) [empty × 3]' },
  { call: "console.log(new Map([[1, {a: 2}], ['k', 'v']]))", text: "Map(2) {1 => {…}, 'k' => 'v'}" },
  { call: "console.log(new Set([1, 'a', {b: 1}]))", text: "Set(3) {1, 'a', {…}}" },
  {
    call: 'console.log(new Map, new Set, new WeakMap, new WeakSet)',
    text: 'Map(0) {size: 0} Set(0) {size: 0} WeakMap {} WeakSet {}',
    args: ['Map(0) {size: 0}', 'Set(0) {size: 0}', 'WeakMap {}', 'WeakSet {}'],
  },
  { call: 'console.log(new (class MyMap extends Map {})([[1, 2]]))', text: 'MyMap(1) {1 => 2}' },
  {
    call: 'console.log(new Uint8Array([1, 2, 3]))',
    text: "Uint8Array(3) [1, 2, 3, buffer: ArrayBuffer(3), byteLength: 3, byteOffset: 0, length: 3, Symbol(Symbol.toStringTag): 'Uint8Array']",
  },
  {
    call: 'console.log(new ArrayBuffer(8), new DataView(new ArrayBuffer(4)))',
    text: 'ArrayBuffer(8) DataView(4)',
    args: ['ArrayBuffer(8)', 'DataView(4)'],
  },
  {
    call: 'console.log([1, 2][Symbol.iterator](), new Map([[1, 2]]).entries())',
    text: 'Array Iterator {} MapIterator {1 => 2}',
    args: ['Array Iterator {}', 'MapIterator {1 => 2}'],
  },
]

export const builtInCases: readonly ConsoleCase[] = [
  { call: 'console.log(new Date(0))', text: utcDate },
  { call: 'console.log({d: new Date(0), r: /x/g})', text: `{d: ${utcDate}, r: /x/g}` },
  { call: 'console.log(/re/gi)', text: '/re/gi' },
  {
    call: 'console.log(Promise.resolve(1), new Promise(() => {}))',
    text: 'Promise {<fulfilled>: 1} Promise {<pending>}',
    args: ['Promise {<fulfilled>: 1}', 'Promise {<pending>}'],
  },
  { call: "var rejected = Promise.reject('no'); rejected.catch(() => {}); console.log(rejected)", text: "Promise {<rejected>: 'no'}" },
  { call: 'console.log((function* g() { yield 1 })())', text: 'g {<suspended>}' },
  { call: 'console.log(new WeakRef({}))', text: 'WeakRef {{…}}' },
  {
    call: 'console.log(function foo(a) { return a }, () => 1, async () => {}, x => x)',
    text: 'ƒ foo(a) { return a } () => 1 async () => {} x => x',
    args: ['ƒ foo(a) { return a }', '() => 1', 'async () => {}', 'x => x'],
  },
  {
    call: 'console.log(async function bar() {}, function* gen() {}, async function* ag() {})',
    text: 'async ƒ bar() {} ƒ* gen() {} async ƒ* ag() {}',
    args: ['async ƒ bar() {}', 'ƒ* gen() {}', 'async ƒ* ag() {}'],
    devtools: 'async ƒ bar() {} ƒ* gen() {} async ƒ * ag() {}',
  },
  {
    call: 'console.log(class Foo {}, ({ method() {} }).method, Math.max)',
    text: 'class Foo {} ƒ method() {} ƒ max() { [native code] }',
    args: ['class Foo {}', 'ƒ method() {}', 'ƒ max() { [native code] }'],
  },
  { call: 'console.log(function long() {\n  return 1\n})', text: 'ƒ long() { return 1 }', devtools: 'ƒ long() {\n  return 1\n}' },
  {
    call: 'console.log(document.body, document)',
    text: 'body #document',
    args: ['body', '#document'],
    devtools: '<body></body> #document (about:blank)',
  },
  {
    call: "console.log(Object.assign(document.createElement('div'), {id: 'x', className: 'a b'}))",
    text: 'div#x.a.b',
    devtools: '<div id="x" class="a b"></div>',
  },
  { call: "console.log({node: document.body, list: document.querySelectorAll('body')})", text: '{node: body, list: NodeList(1)}' },
  {
    call: "console.log(document.querySelectorAll('head, body'), document.body.classList)",
    text: "NodeList(2) [head, body] DOMTokenList [value: '']",
    args: ['NodeList(2) [head, body]', "DOMTokenList [value: '']"],
  },
  {
    call: 'console.log(window)',
    text: "Window {window: Window, self: Window, document: #document, name: '', location: Location, …}",
    devtools: "Window {window: Window, self: Window, document: document, name: '', location: Location, …}",
  },
]

const at = (position: string): string => `\n    at <anonymous>:${position}`

export const errorCases: readonly ConsoleCase[] = [
  { call: "console.log(new Error('boom'))", text: `Error: boom${at('1:13')}` },
  {
    call: "console.error('failed:', new TypeError('no'))",
    text: `failed: TypeError: no${at('1:26')}`,
    args: ['failed:', `TypeError: no${at('1:26')}`],
  },
  { call: "console.log(new Error('two\\nlines'))", text: `Error: two\nlines${at('1:13')}` },
  { call: "console.log([new Error('in a list')])", text: '[Error: in a list]', devtools: `[Error: in a list${at('1:14')}]` },
  { call: "console.log(new DOMException('gone', 'AbortError'))", text: 'AbortError: gone' },
  { call: "console.log(Object.assign(new Error('x'), {stack: 'forged'}))", text: 'Error: x' },
  {
    call: "function deep(n) { if (n > 0) return deep(n - 1); return new Error('deep') } console.log(deep(30))",
    text: `Error: deep\n    at deep (<anonymous>:1:58)${'\n    at deep (<anonymous>:1:38)'.repeat(8)}`,
    devtools: `Error: deep\n    at deep (<anonymous>:1:58)${'\n    at deep (<anonymous>:1:38)'.repeat(9)}`,
  },
]

export const formatCases: readonly ConsoleCase[] = [
  {
    call: "console.log('%s is %d and %i and %f', 'Bob', 42.9, '42.9', '1.5x')",
    text: 'Bob is 42 and 42 and 1.5',
    args: ['%s is %d and %i and %f', 'Bob', '42', '42', '1.5'],
  },
  {
    call: "console.log('%o and %O', {a: 1}, {b: [1]})",
    text: '{a: 1} and {b: Array(1)}',
    args: ['%o and %O', '{a: 1}', '{b: Array(1)}'],
    devtools: '{a: 1} and Object',
  },
  { call: "console.log('%cred%c plain', 'color: red', '')", text: 'red plain', args: ['%cred%c plain', 'color: red', ''] },
  {
    call: "console.log('100%% %s', 'sure', 'extra', {z: 1})",
    text: '100% sure extra {z: 1}',
    args: ['100%% %s', 'sure', 'extra', '{z: 1}'],
  },
  { call: "console.log('%s %s', 'one')", text: 'one %s', args: ['%s %s', 'one'] },
  { call: "console.log('%d', 'abc')", text: 'NaN', args: ['%d', 'NaN'] },
  { call: "console.log('%s', {a: 1})", text: '[object Object]', args: ['%s', '[object Object]'] },
  { call: "console.log('%s', Symbol('x'))", text: 'Symbol(x)', args: ['%s', 'Symbol(x)'] },
  { call: "console.log('%x and 100%', 1)", text: '%x and 100% 1', args: ['%x and 100%', '1'] },
  { call: "console.log('%s', '%s', 'once')", text: '%s once', args: ['%s', '%s', 'once'], devtools: 'once' },
  { call: "console.log({}, '%s', 1)", text: "{} '%s' 1", args: ['{}', '%s', '1'] },
]

export const callCases: readonly ConsoleCase[] = [
  { call: 'console.table([{a: 1}, {a: 2}])', text: '(2) [{a: 1}, {a: 2}]', devtools: '(index)a(index)a0112Array(2)' },
  { call: 'console.dir({a: {b: 1}})', text: '{a: {…}}', devtools: 'Object' },
  { call: "console.assert(false, 'expected', 1)", text: 'Assertion failed: expected 1', args: ['expected', '1'] },
  { call: 'console.assert(false)', text: 'Assertion failed: console.assert', args: ['console.assert'] },
  { call: "console.count('times')", text: 'times: 1' },
  { call: "console.group('title', 1)", text: 'title 1', args: ['title', '1'] },
  { call: "console.trace('here')", text: 'here' },
  { call: "console.warn('careful')", text: 'careful' },
  { call: "console.debug('fine', 1)", text: 'fine 1', args: ['fine', '1'] },
]

export const allCases: readonly ConsoleCase[] = [
  ...primitiveCases,
  ...objectCases,
  ...collectionCases,
  ...builtInCases,
  ...errorCases,
  ...formatCases,
  ...callCases,
]
