// The public face of the command: what its bin file runs.
export { main } from './main.ts'
