// Browser-control commands that other clients send through our DevTools proxy, as a table: one entry for each reported method.
// Never holds what may be a secret: text, URLs, scripts, paths and drag contents are a length, a count, a flag or a scheme.
// Follows the newest published client (Python 0.131), whose enums all have `other` but `Autofill.trigger.mode`.
import { z } from 'zod'
import { added, defineEvent, published } from '../define-event.ts'

const int = z.int().optional()
const number = z.number().optional()
const boolean = z.boolean().optional()
const text = z.string().optional()
const opaqueId = z.string().max(128)
const optionalId = opaqueId.optional()
const count = z.int().nonnegative()

// An enum of the protocol's values, and `other` for what the protocol does not define.
function orOther<const Values extends readonly string[]>(...values: Values) {
  return z.enum([...values, 'other'])
}

const sharedShape = {
  command_id: z.int().optional().meta(published("The client's JSON-RPC id")),
  connection_id: optionalId.meta(published('Joins with `cdp_connect` and `cdp_disconnect`')),
  session_id: optionalId.meta(published('CDP session; absent for commands to the browser')),
  truncated_fields: z.array(z.string()).optional().meta(added('What was cut to fit a bound')),
}

function command<const Method extends string, Fields extends z.ZodRawShape>(method: Method, fields: Fields) {
  return z.object({ method: z.literal(method).meta(published('The command')), ...sharedShape, ...fields })
}

const mouseEventType = orOther('mousePressed', 'mouseReleased', 'mouseMoved', 'mouseWheel')
const mouseButton = orOther('none', 'left', 'middle', 'right', 'back', 'forward').optional()
const gestureSource = orOther('default', 'touch', 'mouse').optional()
const windowState = orOther('normal', 'minimized', 'maximized', 'fullscreen').optional()
const urlScheme = z.string().max(32).optional()
const transitionType = orOther(
  'link',
  'typed',
  'address_bar',
  'auto_bookmark',
  'auto_subframe',
  'manual_subframe',
  'generated',
  'auto_toplevel',
  'form_submit',
  'reload',
  'keyword',
  'keyword_generated',
)
const referrerPolicy = orOther(
  'noReferrer',
  'noReferrerWhenDowngrade',
  'origin',
  'originWhenCrossOrigin',
  'sameOrigin',
  'strictOrigin',
  'strictOriginWhenCrossOrigin',
  'unsafeUrl',
)
const mimeCategory = orOther('text', 'image', 'audio', 'video', 'application', 'font', 'model', 'multipart', 'message')

const scroll = { delta_x: number, delta_y: number }
const point = { x: number, y: number }
const pen = { force: number, tangential_pressure: number, tilt_x: number, tilt_y: number, twist: int }
const node = { node_id: int, backend_node_id: int, object_id: optionalId }

// Each reported method with its fields beyond those that all commands share.
const commands = [
  command('Input.dispatchMouseEvent', {
    event_type: mouseEventType,
    ...point,
    ...scroll,
    ...pen,
    modifiers: int,
    button: mouseButton,
    buttons: int,
    click_count: int,
    pointer_type: orOther('mouse', 'pen').optional(),
  }),
  command('Input.dispatchKeyEvent', {
    event_type: orOther('keyDown', 'keyUp', 'rawKeyDown', 'char'),
    modifiers: int,
    text_length: count.optional(),
    named_key: text,
    location: int,
    auto_repeat: boolean,
    is_keypad: boolean,
    is_system_key: boolean,
    command_count: count.optional(),
  }),
  command('Input.insertText', { text_length: count }),
  command('Input.imeSetComposition', {
    text_length: count,
    selection_start: int,
    selection_end: int,
    replacement_start: int,
    replacement_end: int,
  }),
  command('Input.dispatchTouchEvent', {
    event_type: orOther('touchStart', 'touchEnd', 'touchMove', 'touchCancel'),
    touch_point_count: count,
    ...point,
    ...pen,
    radius_x: number,
    radius_y: number,
    rotation_angle: number,
    modifiers: int,
  }),
  command('Input.dispatchDragEvent', {
    event_type: orOther('dragEnter', 'dragOver', 'drop', 'dragCancel'),
    ...point,
    modifiers: int,
    drag_operations_mask: int,
    drag_item_count: count.optional(),
    drag_file_count: count.optional(),
    drag_mime_categories: z.array(mimeCategory).optional(),
  }),
  command('Input.cancelDragging', {}),
  command('Input.emulateTouchFromMouseEvent', {
    event_type: mouseEventType,
    ...point,
    ...scroll,
    button: mouseButton,
    modifiers: int,
    click_count: int,
  }),
  command('Input.synthesizePinchGesture', { ...point, scale_factor: number, relative_speed: int, gesture_source_type: gestureSource }),
  command('Input.synthesizeScrollGesture', {
    ...point,
    x_distance: number,
    y_distance: number,
    x_overscroll: number,
    y_overscroll: number,
    prevent_fling: boolean,
    speed: int,
    gesture_source_type: gestureSource,
    repeat_count: int,
    repeat_delay_ms: int,
  }),
  command('Input.synthesizeTapGesture', { ...point, duration: int, tap_count: int, gesture_source_type: gestureSource }),
  command('DOM.setFileInputFiles', { file_count: count, ...node }),
  command('DOM.focus', node),
  command('DOM.scrollIntoViewIfNeeded', { ...node, rect_x: number, rect_y: number, rect_width: number, rect_height: number }),
  command('Page.bringToFront', {}),
  command('Page.captureScreenshot', {
    format: orOther('jpeg', 'png', 'webp').optional(),
    quality: int,
    from_surface: boolean,
    capture_beyond_viewport: boolean,
    optimize_for_speed: boolean,
    clip_x: number,
    clip_y: number,
    clip_width: number,
    clip_height: number,
    clip_scale: number,
  }),
  command('Page.captureSnapshot', { format: orOther('mhtml').optional() }),
  command('Page.handleJavaScriptDialog', { accept: z.boolean(), prompt_text_length: count.optional() }),
  command('Page.navigate', {
    url_scheme: urlScheme,
    transition_type: transitionType.optional(),
    referrer_present: boolean,
    referrer_policy: referrerPolicy.optional(),
    frame_id: optionalId,
  }),
  command('Page.navigateToHistoryEntry', { entry_id: z.int() }),
  command('Page.reload', { ignore_cache: boolean, script_length: count.optional(), loader_id: optionalId }),
  command('Page.printToPDF', {
    landscape: boolean,
    scale: number,
    paper_width: number,
    paper_height: number,
    display_header_footer: boolean,
    print_background: boolean,
    margin_top: number,
    margin_bottom: number,
    margin_left: number,
    margin_right: number,
    prefer_css_page_size: boolean,
    generate_tagged_pdf: boolean,
    generate_document_outline: boolean,
    transfer_mode: orOther('ReturnAsBase64', 'ReturnAsStream').optional(),
    page_ranges_present: boolean,
    header_template_present: boolean,
    footer_template_present: boolean,
  }),
  command('Page.startScreencast', {
    format: orOther('jpeg', 'png').optional(),
    quality: int,
    max_width: int,
    max_height: int,
    every_nth_frame: int,
  }),
  command('Page.stopScreencast', {}),
  command('Page.stopLoading', {}),
  command('Page.close', {}),
  command('Page.setWebLifecycleState', { state: orOther('frozen', 'active') }),
  command('Target.activateTarget', { target_id: opaqueId }),
  command('Target.closeTarget', { target_id: opaqueId }),
  command('Target.createTarget', {
    url_scheme: urlScheme,
    left: int,
    top: int,
    width: int,
    height: int,
    window_state: windowState,
    browser_context_id: optionalId,
    new_window: boolean,
    background: boolean,
    for_tab: boolean,
    hidden: boolean,
    enable_begin_frame_control: boolean,
    focus: boolean,
  }),
  command('Target.createBrowserContext', {
    dispose_on_detach: boolean,
    proxy_server_present: boolean,
    proxy_bypass_list_present: boolean,
    universal_network_access_origin_count: count.optional(),
  }),
  command('Target.disposeBrowserContext', { browser_context_id: opaqueId }),
  command('Target.openDevTools', { target_id: opaqueId, panel_id: optionalId }),
  command('Browser.cancelDownload', { download_guid: opaqueId, browser_context_id: optionalId }),
  command('Browser.close', {}),
  command('Browser.setWindowBounds', { window_id: z.int(), left: int, top: int, width: int, height: int, window_state: windowState }),
  command('Browser.setContentsSize', { window_id: z.int(), width: int, height: int }),
  command('Autofill.trigger', {
    field_id: z.int(),
    frame_id: optionalId,
    mode: z.enum(['card', 'address']).optional(),
    address_field_count: count.optional(),
  }),
] as const

const cdpCommandSchema = z.discriminatedUnion('method', commands)

/** The data of one command as a union discriminated on `method`. */
export type CdpCommandData = z.infer<typeof cdpCommandSchema>

/** A method that is reported; others pass the proxy without an event. */
export type CdpCommandMethod = CdpCommandData['method']

/** The reported methods. */
export const cdpCommandMethods: readonly CdpCommandMethod[] = commands.map((entry) => entry.shape.method.value)

export const cdpCommandEvents = {
  cdp_command: defineEvent('cdp_command', {
    category: 'control',
    summary: 'A browser-control command that another client sent through the DevTools proxy reached the browser.',
    contract: 'python',
    dataRequired: true,
    data: cdpCommandSchema,
  }),
} as const
