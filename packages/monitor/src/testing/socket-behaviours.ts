// Behaviours beside plain requests: WebSockets, EventSource messages, dialogs, downloads, navigations that fail.
import { WebSocketServer } from 'ws'
import type { Behaviour } from './behaviour.ts'
import { html, script, settled, visit } from './behaviour-steps.ts'

const echo = new WebSocketServer({ noServer: true, perMessageDeflate: false })
echo.on('connection', (socket) => socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary })))

export const socketBehaviours: readonly Behaviour[] = [
  {
    name: 'sockets',
    shows: 'A WebSocket with text and binary frames and a clean end, and an EventSource message, at detail level verbose.',
    categories: { network: { detail_level: 'verbose' } },
    pages: (request, response) => {
      if (request.url === '/events') {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write('event: tick\nid: 7\ndata: one\n\n')
        return
      }
      response.writeHead(200, { 'content-type': 'text/html' }).end(
        script(`
          const socket = new WebSocket(location.origin.replace('http', 'ws') + '/socket')
          socket.onopen = () => { socket.send('hello'); socket.send(new Uint8Array([1, 2, 3])) }
          let seen = 0
          socket.onmessage = () => { if (++seen === 2) socket.close() }
          socket.onclose = () => console.log('closed')
          const events = new EventSource('/events')
          events.addEventListener('tick', () => { events.close(); console.log('ticked') })`),
      )
    },
    upgrade: (request, socket, head) => echo.handleUpgrade(request, socket, head, (opened) => echo.emit('connection', opened, request)),
    drive: async (stage) => {
      await visit(stage, '/')
      for (const text of ['closed', 'ticked']) await stage.captured.until('console_log', (data) => data.text === text)
      await stage.captured.until('network_websocket_closed')
      await settled(stage)
    },
  },
  {
    name: 'dialogs-and-downloads',
    shows: 'A confirm that another client answers, and a download that ends.',
    pages: {
      '/': html('<a id="file" href="/report.csv" download>report</a>'),
      '/report.csv': { type: 'text/csv', body: 'a,b\n1,2\n', headers: { 'content-disposition': 'attachment; filename="report.csv"' } },
    },
    drive: async (stage) => {
      const tab = await visit(stage, '/')
      await settled(stage)
      // Before the dialog: while it is open the renderer answers nothing.
      await stage.driver.send('Page.enable', {}, tab.sessionId)
      const asked = tab.evaluate("confirm('Really?')")
      await stage.captured.until('page_dialog_opened')
      await stage.driver.send('Page.handleJavaScriptDialog', { accept: true }, tab.sessionId)
      await asked
      await stage.captured.until('page_dialog_closed')
      await tab.evaluate("document.getElementById('file').click()")
      await stage.captured.until('page_download_finished')
    },
  },
  {
    name: 'navigation-that-fails',
    shows: 'A navigation to a port where nobody listens: its request, the failure, and the error page that Chromium commits.',
    pages: { '/': html('fine') },
    drive: async (stage) => {
      const tab = await visit(stage, '/')
      await settled(stage)
      await tab.evaluate("location.href = 'http://127.0.0.1:65535/nobody'")
      await stage.captured.until('page_navigation_failed')
      await settled(stage, 2)
    },
  },
]
