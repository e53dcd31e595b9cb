// The 38 methods of `cdp_command` with their fields, written down by hand from the published contract (see contract-table.ts
// for the notation) and not from the registry. Never imported by the product.
import type { ContractFields } from './contract-table.ts'

const mouse = 'mousePressed|mouseReleased|mouseMoved|mouseWheel|other'
const button = 'none|left|middle|right|back|forward|other'
const gesture = 'default|touch|mouse|other'
const window = 'normal|minimized|maximized|fullscreen|other'
const point: ContractFields = { x: 'number', y: 'number' }
const delta: ContractFields = { delta_x: 'number', delta_y: 'number' }
const pen: ContractFields = { force: 'number', tangential_pressure: 'number', tilt_x: 'number', tilt_y: 'number', twist: 'int' }
const node: ContractFields = { node_id: 'int', backend_node_id: 'int', object_id: 'string' }
const mimeCategories = 'text|image|audio|video|application|font|model|multipart|message|other'
const transitions =
  'link|typed|address_bar|auto_bookmark|auto_subframe|manual_subframe|generated|auto_toplevel|form_submit|reload|keyword|keyword_generated|other'
const policies =
  'noReferrer|noReferrerWhenDowngrade|origin|originWhenCrossOrigin|sameOrigin|strictOrigin|strictOriginWhenCrossOrigin|unsafeUrl|other'

/** What every command may carry. */
export const contractCommandShared: ContractFields = { command_id: 'int', connection_id: 'string', session_id: 'string' }

const input: Readonly<Record<string, ContractFields>> = {
  'Input.dispatchMouseEvent': {
    event_type: `${mouse}!`,
    button,
    buttons: 'int',
    click_count: 'int',
    modifiers: 'int',
    pointer_type: 'mouse|pen|other',
    ...delta,
    ...pen,
    ...point,
  },
  'Input.dispatchKeyEvent': {
    event_type: 'keyDown|keyUp|rawKeyDown|char|other!',
    named_key: 'string',
    text_length: 'int',
    modifiers: 'int',
    location: 'int',
    command_count: 'int',
    auto_repeat: 'boolean',
    is_keypad: 'boolean',
    is_system_key: 'boolean',
  },
  'Input.insertText': { text_length: 'int!' },
  'Input.imeSetComposition': {
    text_length: 'int!',
    selection_start: 'int',
    selection_end: 'int',
    replacement_start: 'int',
    replacement_end: 'int',
  },
  'Input.dispatchTouchEvent': {
    event_type: 'touchStart|touchEnd|touchMove|touchCancel|other!',
    touch_point_count: 'int!',
    radius_x: 'number',
    radius_y: 'number',
    rotation_angle: 'number',
    modifiers: 'int',
    ...point,
    ...pen,
  },
  'Input.dispatchDragEvent': {
    event_type: 'dragEnter|dragOver|drop|dragCancel|other!',
    modifiers: 'int',
    drag_file_count: 'int',
    drag_item_count: 'int',
    drag_operations_mask: 'int',
    drag_mime_categories: `[${mimeCategories}]`,
    ...point,
  },
  'Input.cancelDragging': {},
  'Input.emulateTouchFromMouseEvent': { event_type: `${mouse}!`, button, click_count: 'int', modifiers: 'int', ...delta, ...point },
  'Input.synthesizePinchGesture': { gesture_source_type: gesture, scale_factor: 'number', relative_speed: 'int', ...point },
  'Input.synthesizeScrollGesture': {
    gesture_source_type: gesture,
    x_distance: 'number',
    y_distance: 'number',
    x_overscroll: 'number',
    y_overscroll: 'number',
    speed: 'int',
    repeat_count: 'int',
    repeat_delay_ms: 'int',
    prevent_fling: 'boolean',
    ...point,
  },
  'Input.synthesizeTapGesture': { gesture_source_type: gesture, duration: 'int', tap_count: 'int', ...point },
}

const page: Readonly<Record<string, ContractFields>> = {
  'DOM.setFileInputFiles': { file_count: 'int!', ...node },
  'DOM.focus': node,
  'DOM.scrollIntoViewIfNeeded': { ...node, rect_x: 'number', rect_y: 'number', rect_width: 'number', rect_height: 'number' },
  'Page.bringToFront': {},
  'Page.navigate': {
    url_scheme: 'string',
    frame_id: 'string',
    referrer_present: 'boolean',
    referrer_policy: policies,
    transition_type: transitions,
  },
  'Page.navigateToHistoryEntry': { entry_id: 'int!' },
  'Page.reload': { ignore_cache: 'boolean', loader_id: 'string', script_length: 'int' },
  'Page.captureScreenshot': {
    format: 'jpeg|png|webp|other',
    quality: 'int',
    clip_x: 'number',
    clip_y: 'number',
    clip_width: 'number',
    clip_height: 'number',
    clip_scale: 'number',
    from_surface: 'boolean',
    capture_beyond_viewport: 'boolean',
    optimize_for_speed: 'boolean',
  },
  'Page.captureSnapshot': { format: 'mhtml|other' },
  'Page.handleJavaScriptDialog': { accept: 'boolean!', prompt_text_length: 'int' },
  'Page.printToPDF': {
    landscape: 'boolean',
    display_header_footer: 'boolean',
    print_background: 'boolean',
    prefer_css_page_size: 'boolean',
    generate_tagged_pdf: 'boolean',
    generate_document_outline: 'boolean',
    page_ranges_present: 'boolean',
    header_template_present: 'boolean',
    footer_template_present: 'boolean',
    scale: 'number',
    paper_width: 'number',
    paper_height: 'number',
    margin_top: 'number',
    margin_bottom: 'number',
    margin_left: 'number',
    margin_right: 'number',
    transfer_mode: 'ReturnAsBase64|ReturnAsStream|other',
  },
  'Page.startScreencast': { format: 'jpeg|png|other', quality: 'int', max_width: 'int', max_height: 'int', every_nth_frame: 'int' },
  'Page.stopScreencast': {},
  'Page.stopLoading': {},
  'Page.close': {},
  'Page.setWebLifecycleState': { state: 'frozen|active|other!' },
}

const browser: Readonly<Record<string, ContractFields>> = {
  'Target.activateTarget': { target_id: 'string!' },
  'Target.closeTarget': { target_id: 'string!' },
  'Target.openDevTools': { target_id: 'string!', panel_id: 'string' },
  'Target.createTarget': {
    url_scheme: 'string',
    width: 'int',
    height: 'int',
    left: 'int',
    top: 'int',
    window_state: window,
    browser_context_id: 'string',
    background: 'boolean',
    focus: 'boolean',
    for_tab: 'boolean',
    hidden: 'boolean',
    new_window: 'boolean',
    enable_begin_frame_control: 'boolean',
  },
  'Target.createBrowserContext': {
    dispose_on_detach: 'boolean',
    proxy_server_present: 'boolean',
    proxy_bypass_list_present: 'boolean',
    universal_network_access_origin_count: 'int',
  },
  'Target.disposeBrowserContext': { browser_context_id: 'string!' },
  'Browser.setWindowBounds': { window_id: 'int!', width: 'int', height: 'int', left: 'int', top: 'int', window_state: window },
  'Browser.setContentsSize': { window_id: 'int!', width: 'int', height: 'int' },
  'Browser.cancelDownload': { download_guid: 'string!', browser_context_id: 'string' },
  'Browser.close': {},
  'Autofill.trigger': { field_id: 'int!', address_field_count: 'int', frame_id: 'string', mode: 'card|address' },
}

/** The fields of each reported method beyond the shared ones. */
export const contractCommands: Readonly<Record<string, ContractFields>> = { ...input, ...page, ...browser }
