// What the tests, soaks and benchmarks of other packages share with ours. Not for production, and not part of what is built.

export { type Collector, noCollector, startCollector } from './otelcol.ts'
export { findS2, type S2Lite, s2SetUp, startS2Lite } from './s2-lite.ts'
export { bodiesOf } from './s2-stream-bodies.ts'
export { describeWithS2 } from './s2-world.ts'
export { startTcpProxy, type TcpProxy } from './tcp-proxy.ts'
