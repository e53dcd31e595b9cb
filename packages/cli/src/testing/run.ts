// The command from its sources: what bin/tabscope.js is for the built one. For tests, which must not depend on a build.
import { main } from '../main.ts'

await main(process.argv)
