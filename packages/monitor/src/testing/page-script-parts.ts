// Parts of the page script for tests that run them in a real page. Never put into anybody's page.
export { describe } from '../page-script/describe.ts'
export { ownText } from '../page-script/dom.ts'
export { selectorOf } from '../page-script/selector.ts'
export { createDiscretion } from '../page-script/sensitive.ts'
