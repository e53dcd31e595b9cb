// What tests of other packages share with ours. Not for production, and not part of what is built.
export { type AnswerCheck, createAnswerCheck } from './answer-check.ts'
