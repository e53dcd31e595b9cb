// What the tests of this and of other packages share. Not for production.

export type { SentCommand } from './answer-book.ts'
export { launchTestChromium, type TestChromium, type TestChromiumOptions } from './chromium.ts'
export { type DrivenPage, type Driver, openDriver } from './driver.ts'
export { createMemoryTransport, type MemoryTransport } from './memory-transport.ts'
export { type MessageServer, serveMessages } from './message-server.ts'
export { type Page, type PageHandler, type PageServer, type SeenRequest, servePages, type UpgradeHandler } from './pages.ts'
export { type Replay, type ReplayReport, readRecording, recordingStartUs, replayTransport } from './replay.ts'
