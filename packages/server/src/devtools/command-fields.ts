// The reported browser-control commands as a table: how the fields of each come from its arguments. What is not in the table does not get out;
// `withheld` names the arguments that are left out on purpose, and a test compares both with Chromium's own description of its protocol.
import { type CdpCommandData, type CdpCommandMethod, registry } from '@tabscope/schema'
import {
  type Arguments,
  clipped,
  count,
  flag,
  id,
  integer,
  isRecord,
  mimeCategories,
  namedKey,
  number,
  ofFirst,
  presence,
  type Reader,
  scheme,
  textLength,
  word,
} from './argument.ts'

interface CommandEntry {
  readonly fields: Readonly<Record<string, Reader>>
  /** Arguments of which nothing is told. */
  readonly withheld?: readonly string[]
}

const mouseEvents = ['mousePressed', 'mouseReleased', 'mouseMoved', 'mouseWheel']
const buttons = ['none', 'left', 'middle', 'right', 'back', 'forward']
const gestureSources = ['default', 'touch', 'mouse']
const windowStates = ['normal', 'minimized', 'maximized', 'fullscreen']
const transitions = [
  ...['link', 'typed', 'address_bar', 'auto_bookmark', 'auto_subframe', 'manual_subframe', 'generated', 'auto_toplevel'],
  ...['form_submit', 'reload', 'keyword', 'keyword_generated'],
]
const referrerPolicies = [
  ...['noReferrer', 'noReferrerWhenDowngrade', 'origin', 'originWhenCrossOrigin', 'sameOrigin', 'strictOrigin'],
  ...['strictOriginWhenCrossOrigin', 'unsafeUrl'],
]

const point = { x: number('x'), y: number('y') }
const wheel = { delta_x: number('deltaX'), delta_y: number('deltaY') }
const node = { node_id: integer('nodeId'), backend_node_id: integer('backendNodeId'), object_id: id('objectId') }
const gestureSource = { gesture_source_type: word('gestureSourceType', gestureSources) }

function firstTouch(read: (path: string) => Reader, name: string): Reader {
  return ofFirst('touchPoints', read(name))
}

const inputCommands = {
  'Input.dispatchMouseEvent': {
    fields: {
      event_type: word('type', mouseEvents),
      ...point,
      ...wheel,
      modifiers: integer('modifiers'),
      button: word('button', buttons),
      buttons: integer('buttons'),
      click_count: integer('clickCount'),
      force: number('force'),
      tangential_pressure: number('tangentialPressure'),
      tilt_x: number('tiltX'),
      tilt_y: number('tiltY'),
      twist: integer('twist'),
      pointer_type: word('pointerType', ['mouse', 'pen']),
    },
    withheld: ['timestamp'],
  },
  'Input.dispatchKeyEvent': {
    fields: {
      event_type: word('type', ['keyDown', 'keyUp', 'rawKeyDown', 'char']),
      modifiers: integer('modifiers'),
      text_length: textLength('text'),
      named_key: namedKey('key'),
      location: integer('location'),
      auto_repeat: flag('autoRepeat'),
      is_keypad: flag('isKeypad'),
      is_system_key: flag('isSystemKey'),
      command_count: count('commands'),
    },
    withheld: ['timestamp', 'unmodifiedText', 'keyIdentifier', 'code', 'windowsVirtualKeyCode', 'nativeVirtualKeyCode'],
  },
  'Input.insertText': { fields: { text_length: textLength('text') } },
  'Input.imeSetComposition': {
    fields: {
      text_length: textLength('text'),
      selection_start: integer('selectionStart'),
      selection_end: integer('selectionEnd'),
      replacement_start: integer('replacementStart'),
      replacement_end: integer('replacementEnd'),
    },
  },
  'Input.dispatchTouchEvent': {
    fields: {
      event_type: word('type', ['touchStart', 'touchEnd', 'touchMove', 'touchCancel']),
      touch_point_count: count('touchPoints'),
      modifiers: integer('modifiers'),
      x: firstTouch(number, 'x'),
      y: firstTouch(number, 'y'),
      radius_x: firstTouch(number, 'radiusX'),
      radius_y: firstTouch(number, 'radiusY'),
      rotation_angle: firstTouch(number, 'rotationAngle'),
      force: firstTouch(number, 'force'),
      tangential_pressure: firstTouch(number, 'tangentialPressure'),
      tilt_x: firstTouch(number, 'tiltX'),
      tilt_y: firstTouch(number, 'tiltY'),
      twist: firstTouch(integer, 'twist'),
    },
    withheld: ['timestamp'],
  },
  'Input.dispatchDragEvent': {
    fields: {
      event_type: word('type', ['dragEnter', 'dragOver', 'drop', 'dragCancel']),
      ...point,
      modifiers: integer('modifiers'),
      drag_item_count: count('data.items'),
      drag_file_count: count('data.files'),
      drag_mime_categories: mimeCategories('data.items'),
      drag_operations_mask: integer('data.dragOperationsMask'),
    },
  },
  'Input.cancelDragging': { fields: {} },
  'Input.emulateTouchFromMouseEvent': {
    fields: {
      event_type: word('type', mouseEvents),
      ...point,
      ...wheel,
      button: word('button', buttons),
      modifiers: integer('modifiers'),
      click_count: integer('clickCount'),
    },
    withheld: ['timestamp'],
  },
  'Input.synthesizePinchGesture': {
    fields: { ...point, scale_factor: number('scaleFactor'), relative_speed: integer('relativeSpeed'), ...gestureSource },
  },
  'Input.synthesizeScrollGesture': {
    fields: {
      ...point,
      x_distance: number('xDistance'),
      y_distance: number('yDistance'),
      x_overscroll: number('xOverscroll'),
      y_overscroll: number('yOverscroll'),
      prevent_fling: flag('preventFling'),
      speed: integer('speed'),
      ...gestureSource,
      repeat_count: integer('repeatCount'),
      repeat_delay_ms: integer('repeatDelayMs'),
    },
    withheld: ['interactionMarkerName'],
  },
  'Input.synthesizeTapGesture': {
    fields: { ...point, duration: integer('duration'), tap_count: integer('tapCount'), ...gestureSource },
  },
} as const

const pageCommands = {
  'DOM.setFileInputFiles': { fields: { file_count: count('files'), ...node } },
  'DOM.focus': { fields: node },
  'DOM.scrollIntoViewIfNeeded': {
    fields: {
      ...node,
      rect_x: number('rect.x'),
      rect_y: number('rect.y'),
      rect_width: number('rect.width'),
      rect_height: number('rect.height'),
    },
  },
  'Page.bringToFront': { fields: {} },
  'Page.captureScreenshot': {
    fields: {
      format: word('format', ['jpeg', 'png', 'webp']),
      quality: integer('quality'),
      from_surface: flag('fromSurface'),
      capture_beyond_viewport: flag('captureBeyondViewport'),
      optimize_for_speed: flag('optimizeForSpeed'),
      clip_x: number('clip.x'),
      clip_y: number('clip.y'),
      clip_width: number('clip.width'),
      clip_height: number('clip.height'),
      clip_scale: number('clip.scale'),
    },
  },
  'Page.captureSnapshot': { fields: { format: word('format', ['mhtml']) } },
  'Page.handleJavaScriptDialog': { fields: { accept: flag('accept'), prompt_text_length: textLength('promptText') } },
  'Page.navigate': {
    fields: {
      url_scheme: scheme('url'),
      transition_type: word('transitionType', transitions),
      referrer_present: presence('referrer'),
      referrer_policy: word('referrerPolicy', referrerPolicies),
      frame_id: id('frameId'),
    },
  },
  'Page.navigateToHistoryEntry': { fields: { entry_id: integer('entryId') } },
  'Page.reload': {
    fields: { ignore_cache: flag('ignoreCache'), script_length: textLength('scriptToEvaluateOnLoad'), loader_id: id('loaderId') },
  },
  'Page.printToPDF': {
    fields: {
      landscape: flag('landscape'),
      scale: number('scale'),
      paper_width: number('paperWidth'),
      paper_height: number('paperHeight'),
      display_header_footer: flag('displayHeaderFooter'),
      print_background: flag('printBackground'),
      margin_top: number('marginTop'),
      margin_bottom: number('marginBottom'),
      margin_left: number('marginLeft'),
      margin_right: number('marginRight'),
      prefer_css_page_size: flag('preferCSSPageSize'),
      generate_tagged_pdf: flag('generateTaggedPDF'),
      generate_document_outline: flag('generateDocumentOutline'),
      transfer_mode: word('transferMode', ['ReturnAsBase64', 'ReturnAsStream']),
      page_ranges_present: presence('pageRanges'),
      header_template_present: presence('headerTemplate'),
      footer_template_present: presence('footerTemplate'),
    },
  },
  'Page.startScreencast': {
    fields: {
      format: word('format', ['jpeg', 'png']),
      quality: integer('quality'),
      max_width: integer('maxWidth'),
      max_height: integer('maxHeight'),
      every_nth_frame: integer('everyNthFrame'),
    },
    withheld: ['maxFramesInFlight', 'sendLastFrame'],
  },
  'Page.stopScreencast': { fields: {} },
  'Page.stopLoading': { fields: {} },
  'Page.close': { fields: {} },
  'Page.setWebLifecycleState': { fields: { state: word('state', ['frozen', 'active']) } },
} as const

const browserCommands = {
  'Target.activateTarget': { fields: { target_id: id('targetId') } },
  'Target.closeTarget': { fields: { target_id: id('targetId') } },
  'Target.createTarget': {
    fields: {
      url_scheme: scheme('url'),
      left: integer('left'),
      top: integer('top'),
      width: integer('width'),
      height: integer('height'),
      window_state: word('windowState', windowStates),
      browser_context_id: id('browserContextId'),
      new_window: flag('newWindow'),
      background: flag('background'),
      for_tab: flag('forTab'),
      hidden: flag('hidden'),
      enable_begin_frame_control: flag('enableBeginFrameControl'),
      focus: flag('focus'),
    },
  },
  'Target.createBrowserContext': {
    fields: {
      dispose_on_detach: flag('disposeOnDetach'),
      proxy_server_present: presence('proxyServer'),
      proxy_bypass_list_present: presence('proxyBypassList'),
      universal_network_access_origin_count: count('originsWithUniversalNetworkAccess'),
    },
  },
  'Target.disposeBrowserContext': { fields: { browser_context_id: id('browserContextId') } },
  'Target.openDevTools': { fields: { target_id: id('targetId'), panel_id: id('panelId') } },
  'Browser.cancelDownload': { fields: { download_guid: id('guid'), browser_context_id: id('browserContextId') } },
  'Browser.close': { fields: {} },
  'Browser.setWindowBounds': {
    fields: {
      window_id: integer('windowId'),
      left: integer('bounds.left'),
      top: integer('bounds.top'),
      width: integer('bounds.width'),
      height: integer('bounds.height'),
      window_state: word('bounds.windowState', windowStates),
    },
  },
  'Browser.setContentsSize': { fields: { window_id: integer('windowId'), width: integer('width'), height: integer('height') } },
  'Autofill.trigger': {
    fields: {
      field_id: integer('fieldId'),
      frame_id: id('frameId'),
      mode: (args) => (isRecord(args['card']) ? 'card' : isRecord(args['address']) ? 'address' : undefined),
      address_field_count: count('address.fields'),
    },
  },
} as const satisfies Readonly<Record<string, CommandEntry>>

/** The table. */
export const commandTable: Readonly<Record<CdpCommandMethod, CommandEntry>> = { ...inputCommands, ...pageCommands, ...browserCommands }

/** Whether commands of that method are reported. */
export function isReported(method: string): method is CdpCommandMethod {
  return Object.hasOwn(commandTable, method)
}

/** The fields that an event of each method must have. */
const requiredFields: ReadonlyMap<string, readonly string[]> = new Map(
  registry.cdp_command.data.options.map((option) => [
    option.shape.method.value,
    Object.entries(option.shape).flatMap(([name, schema]) => (name === 'method' || schema._zod.optin === 'optional' ? [] : [name])),
  ]),
)

/** What may be told of the command in these bytes; undefined when they are no such command or lack an argument that it needs. */
export function readCommand(method: CdpCommandMethod, bytes: Buffer): CdpCommandData | undefined {
  const message = parsed(bytes)
  if (message === undefined || message['method'] !== method) return undefined
  const args: Arguments = isRecord(message['params']) ? message['params'] : {}
  const data: Record<string, unknown> = { method }
  if (Number.isSafeInteger(message['id'])) data['command_id'] = message['id']
  if (typeof message['sessionId'] === 'string') data['session_id'] = clipped(message['sessionId'])
  for (const [name, read] of Object.entries(commandTable[method].fields)) {
    const value = read(args)
    if (value !== undefined) data[name] = value
  }
  if (requiredFields.get(method)?.some((name) => data[name] === undefined) === true) return undefined
  return data as CdpCommandData
}

function parsed(bytes: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'))
    return isRecord(value) ? value : undefined
  } catch {
    // Whoever sends what is not JSON is told so by Chromium; here it is one more command that cannot be told.
    return undefined
  }
}
