// The public face of @tabscope/browser: find, launch and supervise a Chromium.
export type { Exit } from './child.ts'
export { type Display, openDisplay } from './display.ts'
export { type GrabOptions, grabDisplay } from './display-grab.ts'
export { type FindOptions, findChromium } from './find.ts'
export { type BrowserLog, type LaunchOptions, launchBrowser, type RunningBrowser } from './launch.ts'
export { type BrowserCrash, type BrowserSupervisor, type SuperviseOptions, superviseBrowser } from './supervise.ts'
