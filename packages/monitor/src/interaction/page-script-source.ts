// Generated from packages/monitor/src/page-script by `npm run generate`; do not change it by hand.

/** The page script: the body of a function of `pageScriptConfig`. */
export const pageScriptSource = `"use strict";
(() => {
  // packages/monitor/src/page-script/dom.ts
  function reader(prototype, name) {
    let get;
    return (host) => {
      get ??= Object.getOwnPropertyDescriptor(prototype(), name)?.get;
      if (get === void 0) throw new TypeError(\`no getter \${name}\`);
      return Reflect.apply(get, host, []);
    };
  }
  function caller(method) {
    let found;
    return (host, ...given) => {
      found ??= method();
      return Reflect.apply(found, host, given);
    };
  }
  var element = () => Element.prototype;
  var node = () => Node.prototype;
  var html = () => HTMLElement.prototype;
  var listenTo = caller(() => EventTarget.prototype.addEventListener);
  var unlistenTo = caller(() => EventTarget.prototype.removeEventListener);
  var dispatchOn = caller(() => EventTarget.prototype.dispatchEvent);
  var attributeOf = caller(() => element().getAttribute);
  var closest = caller(() => element().closest);
  var localNameOf = reader(element, "localName");
  var scrollLeftOf = reader(element, "scrollLeft");
  var scrollTopOf = reader(element, "scrollTop");
  var previousElementOf = reader(element, "previousElementSibling");
  var nextElementOf = reader(element, "nextElementSibling");
  var openShadowOf = reader(element, "shadowRoot");
  var parentElementOf = reader(node, "parentElement");
  var firstChildOf = reader(node, "firstChild");
  var nextSiblingOf = reader(node, "nextSibling");
  var nodeTypeOf = reader(node, "nodeType");
  var rootOf = caller(() => node().getRootNode);
  var isEditable = reader(html, "isContentEditable");
  var tabIndexOf = reader(html, "tabIndex");
  var readyStateOf = reader(() => Document.prototype, "readyState");
  var hostOfShadow = reader(() => ShadowRoot.prototype, "host");
  var substring = caller(() => CharacterData.prototype.substringData);
  var isText = (value) => nodeTypeOf(value) === Node.TEXT_NODE;
  var queryDocument = caller(() => Document.prototype.querySelectorAll);
  var queryFragment = caller(() => DocumentFragment.prototype.querySelectorAll);
  var idInDocument = caller(() => Document.prototype.getElementById);
  var idInFragment = caller(() => DocumentFragment.prototype.getElementById);
  function accepts(read, value) {
    try {
      read(value);
      return true;
    } catch {
      return false;
    }
  }
  function isElement(value) {
    return accepts(localNameOf, value);
  }
  function isDocument(value) {
    return accepts(readyStateOf, value);
  }
  function isShadowRoot(value) {
    return accepts(hostOfShadow, value);
  }
  function isHtml(value) {
    return accepts(isEditable, value);
  }
  function shadowHostOf(inner) {
    const root = rootOf(inner);
    return isShadowRoot(root) ? hostOfShadow(root) : void 0;
  }
  function isOnlyMatch(root, selector, wanted) {
    const found = isDocument(root) ? queryDocument(root, selector) : isShadowRoot(root) ? queryFragment(root, selector) : void 0;
    return found?.length === 1 && found[0] === wanted;
  }
  function elementsBelow(root) {
    return isDocument(root) ? queryDocument(root, "*") : queryFragment(root, "*");
  }
  function elementById(inner, id) {
    const root = rootOf(inner);
    if (isDocument(root)) return idInDocument(root, id);
    return isShadowRoot(root) ? idInFragment(root, id) : null;
  }
  var labelsOfInput = reader(() => HTMLInputElement.prototype, "labels");
  var labelsOfArea = reader(() => HTMLTextAreaElement.prototype, "labels");
  var labelsOfSelect = reader(() => HTMLSelectElement.prototype, "labels");
  function labelsOf(field) {
    if (accepts(labelsOfInput, field)) return Array.from(labelsOfInput(field) ?? []);
    if (accepts(labelsOfArea, field)) return Array.from(labelsOfArea(field));
    return accepts(labelsOfSelect, field) ? Array.from(labelsOfSelect(field)) : [];
  }
  function childrenOf(host, most) {
    const children = [];
    for (let child = firstChildOf(host); child !== null && children.length < most; child = nextSiblingOf(child)) children.push(child);
    return children;
  }
  function ownText(host, mostChars) {
    let text = "";
    for (const child of childrenOf(host, 200)) {
      if (text.length >= mostChars * 2) break;
      if (isText(child)) text = \`\${text} \${substring(child, 0, mostChars * 4)}\`.replace(/\\s+/g, " ").trimStart();
    }
    return cut(text.trim(), mostChars);
  }
  function cut(text, mostChars) {
    return text.length <= mostChars ? text : Array.from(text.slice(0, mostChars * 2)).slice(0, mostChars).join("");
  }

  // packages/monitor/src/page-script/link.ts
  function createLink(binding, waitingMost) {
    let call;
    let waiting = [];
    let lost = 0;
    const send = (message) => call?.(JSON.stringify(message));
    const tellLost = () => {
      if (lost === 0 || call === void 0) return;
      const count = lost;
      lost = 0;
      send({ kind: "lost", count });
    };
    const flush = () => {
      const messages = waiting;
      waiting = [];
      for (const message of messages) send(message);
      tellLost();
    };
    const adopt = (given) => {
      if (typeof given !== "function") return;
      call = (text) => given(text);
      queueMicrotask(flush);
    };
    const existing = Object.getOwnPropertyDescriptor(globalThis, binding)?.value;
    Object.defineProperty(globalThis, binding, { configurable: true, enumerable: false, set: adopt });
    adopt(existing);
    return {
      tell: (message) => {
        if (call !== void 0 && waiting.length === 0) {
          send(message);
          tellLost();
        } else if (waiting.length < waitingMost) waiting.push(message);
        else lost++;
      },
      lose: (count) => {
        lost += count;
        if (waiting.length === 0) tellLost();
      },
      pause: () => {
        call = void 0;
      },
      clear: () => {
        waiting = [];
        lost = 0;
      }
    };
  }

  // packages/monitor/src/interaction/key-text.ts
  var named = /^[A-Z][A-Za-z0-9]{1,31}$/;
  var longestText = 16;
  function keyText(key2, detail) {
    if (detail === "none" || key2 === "") return void 0;
    if (named.test(key2)) return key2;
    if (detail === "printable") return "printable";
    return Array.from(key2.slice(0, longestText * 2)).slice(0, longestText).join("");
  }

  // packages/monitor/src/interaction/page-message.ts
  var buttons = ["left", "middle", "right", "back", "forward"];
  var modifiers = ["alt", "ctrl", "meta", "shift"];

  // packages/monitor/src/page-script/labels.ts
  var textsMost = 5;
  var nodesMost = 200;
  var fields = /* @__PURE__ */ new Set(["textarea", "select", "script", "style", "template"]);
  function labelTexts(element2, mostChars) {
    const around = closest(element2, "label");
    const labels = /* @__PURE__ */ new Set([...around === null ? [] : [around], ...labelsOf(element2).slice(0, textsMost)]);
    return [...labels].map((label) => deepText(label, mostChars));
  }
  function textOfIds(element2, attribute, mostChars) {
    const ids = attributeOf(element2, attribute)?.split(/\\s+/) ?? [];
    return ids.slice(0, textsMost).flatMap((id) => {
      const named2 = id === "" ? null : elementById(element2, id);
      return named2 === null ? [] : [deepText(named2, mostChars)];
    });
  }
  function deepText(element2, mostChars) {
    const texts = [];
    const waiting = [element2];
    let length = 0;
    for (let seen = 0; waiting.length > 0 && seen < nodesMost && length < mostChars; seen++) {
      const at = waiting.shift();
      if (at === void 0 || fields.has(localNameOf(at)) || attributeOf(at, "contenteditable") !== null) continue;
      const text = ownText(at, mostChars);
      if (text !== "") texts.push(text);
      length += text.length;
      waiting.push(...childrenOf(at, nodesMost).filter(isElement));
    }
    return cut(texts.join(" "), mostChars);
  }

  // packages/monitor/src/page-script/selector.ts
  var treeJoint = " >>> ";
  var childJoint = " > ";
  var longestName = 100;
  var siblingsMost = 5e3;
  var stepsMost = 100;
  var searchesMost = 16;
  var shortPath = 6;
  function selectorOf(element2, mostChars) {
    const steps = [];
    for (let at = element2; at !== void 0; at = shadowHostOf(at)) {
      const texts = pathInTree(at);
      steps.unshift(...texts.map((text, index) => ({ joint: index === 0 ? treeJoint : childJoint, text })));
    }
    return bounded(steps, mostChars);
  }
  function testIdOf(element2) {
    const value = attributeOf(element2, "data-testid");
    return value === null || value === "" ? void 0 : value;
  }
  function pathInTree(element2) {
    const root = rootOf(element2);
    const path = [];
    let searches = 0;
    const isUnique = (selector, wanted) => searches++ < searchesMost && isOnlyMatch(root, selector, wanted);
    for (let at = element2; at !== null && path.length < stepsMost; at = parentElementOf(at)) {
      const step = at;
      const anchor = namesOf(step).find((name) => isUnique(name, step));
      path.unshift(anchor ?? placeOf(step));
      if (anchor !== void 0 || path.length <= shortPath && isUnique(path.join(childJoint), element2)) return path;
    }
    return path;
  }
  var fieldTags = /* @__PURE__ */ new Set(["input", "textarea", "select", "button", "form", "iframe"]);
  function namesOf(element2) {
    const tag = localNameOf(element2);
    const testId = testIdOf(element2) ?? "";
    const id = attributeOf(element2, "id") ?? "";
    const name = fieldTags.has(tag) ? attributeOf(element2, "name") ?? "" : "";
    const isUsable = (text) => text !== "" && text.length <= longestName;
    return [
      ...isUsable(testId) ? [\`[data-testid="\${quoted(testId)}"]\`] : [],
      ...isUsable(id) ? [\`#\${CSS.escape(id)}\`] : [],
      ...isUsable(name) ? [\`\${CSS.escape(tag)}[name="\${quoted(name)}"]\`] : []
    ];
  }
  function quoted(text) {
    return text.replace(/["\\\\]/g, "\\\\$&").replace(/[\\n\\r\\f\\0]/g, (character) => \`\\\\\${character.charCodeAt(0).toString(16)} \`);
  }
  function placeOf(element2) {
    const name = localNameOf(element2);
    const tag = CSS.escape(name.slice(0, longestName));
    const before = countTwins(element2, previousElementOf);
    if (before === void 0) return tag;
    const isAlone = before === 0 && countTwins(element2, nextElementOf) === 0;
    return isAlone ? tag : \`\${tag}:nth-of-type(\${before + 1})\`;
  }
  function countTwins(element2, next) {
    const name = localNameOf(element2);
    let twins = 0;
    let seen = 0;
    for (let at = next(element2); at !== null; at = next(at)) {
      if (++seen > siblingsMost) return void 0;
      if (localNameOf(at) === name) twins++;
    }
    return twins;
  }
  function bounded(steps, mostChars) {
    let text = "";
    let joint = "";
    for (const step of [...steps].reverse()) {
      const longer = step.text + joint + text;
      if (longer.length > mostChars) return text === "" ? longer.slice(0, mostChars) : text;
      text = longer;
      joint = step.joint;
    }
    return text;
  }

  // packages/monitor/src/page-script/describe.ts
  var rolesOfTags = {
    button: "button",
    summary: "button",
    select: "combobox",
    textarea: "textbox",
    option: "option",
    img: "img",
    nav: "navigation",
    main: "main",
    dialog: "dialog",
    h1: "heading",
    h2: "heading",
    h3: "heading",
    h4: "heading",
    h5: "heading",
    h6: "heading",
    li: "listitem",
    td: "cell",
    th: "columnheader",
    tr: "row"
  };
  var rolesOfInputs = {
    button: "button",
    submit: "button",
    reset: "button",
    image: "button",
    checkbox: "checkbox",
    radio: "radio",
    range: "slider",
    number: "spinbutton",
    search: "searchbox"
  };
  var acting = /* @__PURE__ */ new Set([
    ...["button", "link", "checkbox", "radio", "switch", "tab", "option", "combobox", "textbox", "searchbox", "slider", "spinbutton"],
    ...["menuitem", "menuitemcheckbox", "menuitemradio", "treeitem"]
  ]);
  var ancestorsMost = 30;
  function describe(element2, isSensitive, mostChars) {
    const actor = actorOf(element2);
    const subject = actor ?? element2;
    const role = roleOf(subject);
    const name = isSensitive(subject) ? void 0 : nameOf(subject, role, mostChars);
    const testId = nearest(element2, testIdOf);
    return {
      ...role === void 0 ? {} : { role: cut(role, mostChars) },
      ...name === void 0 ? {} : { name },
      ...testId === void 0 ? {} : { test_id: cut(testId, mostChars) }
    };
  }
  function actorOf(element2) {
    return nearest(element2, (at) => acting.has(roleOf(at) ?? "") ? at : void 0);
  }
  function roleOf(element2) {
    const told = attributeOf(element2, "role")?.trim().split(/\\s+/)[0];
    if (told !== void 0 && told !== "") return told.toLowerCase();
    const tag = localNameOf(element2);
    if (tag === "a") return attributeOf(element2, "href") === null ? void 0 : "link";
    if (tag !== "input") return Object.hasOwn(rolesOfTags, tag) ? rolesOfTags[tag] : void 0;
    const type = attributeOf(element2, "type")?.toLowerCase() ?? "text";
    return Object.hasOwn(rolesOfInputs, type) ? rolesOfInputs[type] : "textbox";
  }
  function nameOf(element2, role, mostChars) {
    const isButton = localNameOf(element2) === "input" && role === "button";
    const candidates = [
      () => textOfIds(element2, "aria-labelledby", mostChars).join(" "),
      () => attributeOf(element2, "aria-label"),
      () => role === void 0 ? void 0 : labelTexts(element2, mostChars)[0],
      () => isButton ? attributeOf(element2, "value") : void 0,
      () => attributeOf(element2, "alt"),
      // Of what can be typed into the own text is the typed one.
      () => role === void 0 || role === "textbox" ? void 0 : ownText(element2, mostChars),
      () => role === void 0 ? void 0 : attributeOf(element2, "title"),
      () => attributeOf(element2, "placeholder")
    ];
    for (const candidate of candidates) {
      const name = candidate()?.trim();
      if (name !== void 0 && name !== "") return cut(name.replace(/\\s+/g, " "), mostChars);
    }
    return void 0;
  }
  function nearest(element2, find) {
    let at = element2;
    for (let seen = 0; at !== void 0 && seen < ancestorsMost; seen++) {
      const found = find(at);
      if (found !== void 0) return found;
      at = parentElementOf(at) ?? shadowHostOf(at);
    }
    return void 0;
  }

  // packages/monitor/src/page-script/page-time.ts
  function pageNowMs() {
    return performance.now();
  }
  function unixMs(atMs) {
    return Math.round(performance.timeOrigin + atMs);
  }
  function afterMs(waitMs, run2) {
    setTimeout(run2, waitMs);
  }

  // packages/monitor/src/page-script/scroll-machine.ts
  var lateMs = 50;
  var graceMs = 100;
  function stepScroll(state, input, rules) {
    if (input.kind === "wake") return { settled: takeSettled(state, input.atMs), wakeAtMs: nextDue(state), lost: 0 };
    const known = state.get(input.target);
    const dueAtMs = input.atMs + rules.quietMs;
    if (known === void 0 && state.size >= rules.most) return { settled: [], wakeAtMs: nextDue(state), lost: 1 };
    if (known === void 0) state.set(input.target, { from: input.before(), dueAtMs, isGraced: false });
    else Object.assign(known, { dueAtMs, isGraced: false });
    return { settled: [], wakeAtMs: nextDue(state), lost: 0 };
  }
  function takeSettled(state, atMs) {
    const settled = [];
    for (const [target, scrolling] of state) {
      if (atMs < scrolling.dueAtMs) continue;
      if (atMs - scrolling.dueAtMs > lateMs && !scrolling.isGraced) {
        scrolling.dueAtMs = atMs + graceMs;
        scrolling.isGraced = true;
        continue;
      }
      state.delete(target);
      settled.push({ target, from: scrolling.from });
    }
    return settled;
  }
  function nextDue(state) {
    let next;
    for (const { dueAtMs } of state.values()) if (next === void 0 || dueAtMs < next) next = dueAtMs;
    return next;
  }

  // packages/monitor/src/page-script/scroll.ts
  function watchScrolling(options) {
    const { bounds, positions } = options;
    const state = /* @__PURE__ */ new Map();
    let wakeAtMs;
    const step = (input) => {
      const result = stepScroll(state, input, { quietMs: bounds.scrollQuietMs, most: bounds.scrollElements });
      tell(options, result);
      arm(result.wakeAtMs);
    };
    const arm = (atMs) => {
      const isSet = wakeAtMs !== void 0;
      wakeAtMs = atMs;
      if (!isSet && atMs !== void 0) afterMs(Math.max(0, atMs - pageNowMs()), ring);
    };
    const ring = () => {
      const atMs = pageNowMs();
      const wanted = wakeAtMs;
      wakeAtMs = void 0;
      if (wanted === void 0) return;
      if (atMs < wanted) return arm(wanted);
      options.guard("scroll", () => step({ kind: "wake", atMs }));
    };
    const before = (target) => positions.get(target) ?? (options.knowsAll() ? origin : positionOf(target));
    return {
      scrolled: (event) => {
        const target = event.composedPath()[0];
        if (!isElement(target) && !isDocument(target)) return;
        step({ kind: "scrolled", atMs: event.timeStamp, target, before: () => before(target) });
      },
      note: (targets) => {
        for (const target of targets) {
          if (!isElement(target) && !isDocument(target) || positions.has(target)) continue;
          const position = positionOf(target);
          if (position.x !== 0 || position.y !== 0) positions.set(target, position);
        }
      },
      cancel: () => {
        for (const target of state.keys()) positions.set(target, positionOf(target));
        state.clear();
      }
    };
  }
  var origin = { x: 0, y: 0 };
  function tell({ bounds, link, positions }, step) {
    if (step.lost > 0) link.lose(step.lost);
    for (const { target, from } of step.settled) {
      const to = positionOf(target);
      positions.set(target, to);
      if (Math.abs(to.x - from.x) <= bounds.scrollLeastPx && Math.abs(to.y - from.y) <= bounds.scrollLeastPx) continue;
      link.tell({
        kind: "scroll",
        at: unixMs(pageNowMs()),
        from_x: Math.round(from.x),
        from_y: Math.round(from.y),
        to_x: Math.round(to.x),
        to_y: Math.round(to.y),
        target_selector: isElement(target) ? selectorOf(target, bounds.selectorChars) : "document"
      });
    }
  }
  function positionOf(target) {
    return isElement(target) ? { x: scrollLeftOf(target), y: scrollTopOf(target) } : { x: globalThis.scrollX, y: globalThis.scrollY };
  }

  // packages/monitor/src/page-script/secret-words.ts
  var secretTokens = /* @__PURE__ */ new Set([
    "current-password",
    "new-password",
    "one-time-code",
    "cc-name",
    "cc-given-name",
    "cc-additional-name",
    "cc-family-name",
    "cc-number",
    "cc-exp",
    "cc-exp-month",
    "cc-exp-year",
    "cc-csc",
    "cc-type",
    "transaction-amount",
    "ssn",
    "passport",
    "drivers-license"
  ]);
  var fragments = /passw|passwd|passphrase|passcode|secret|passport|cardn(umber|o|um)|creditcard|debitcard|accountn(umber|o|um)|socialsecurity|taxid|nationalid|natlid|onetimecode|verificationcode|securitycode|authcode|authenticationcode|recoverycode|apikey|accesskey|privatekey|driverslicen[cs]e|passwort|kennwort|contrasen|motdepasse|wachtwoord|senha|parola/;
  var words = /\\bcvv|cvv\\d?\\b|\\bcvc|cvc\\d?\\b|\\b(csc|cvn|cid)\\b|\\bssn|ssn\\b|\\bpin ?(code|number|no|num)?\\b|pin\\b|\\bpwd|pwd\\b|\\bpass\\b|\\bpw\\b|\\b[t2]?otp\\b|\\b(2fa|mfa|iban|tan)\\b|\\bcc ?(num|no|nr|exp)/;
  var otherScripts = /парол|密码|密碼|口令|パスワード|暗証|비밀번호|كلمة (ال)?(مرور|سر)|סיסמ|รหัสผ่าน|पासवर्ड/i;
  var dots = /^[\\s•●⚫∗*·]{4,}$/;
  function soundsSecret(text) {
    if (text === "") return false;
    if (dots.test(text) || otherScripts.test(text)) return true;
    const plain = plainWords(text);
    return fragments.test(plain.replaceAll(" ", "")) || words.test(plain);
  }
  function isSecretAutocomplete(value) {
    return value.toLowerCase().split(/\\s+/).some((token) => secretTokens.has(token));
  }
  function plainWords(text) {
    return text.normalize("NFD").replace(/[\\u0300-\\u036f]/g, "").replace(/([a-z\\d])([A-Z])/g, "$1 $2").toLowerCase().replace(/[^a-z\\d]+/g, " ").trim();
  }

  // packages/monitor/src/page-script/sensitive.ts
  var namingAttributes = [
    "name",
    "id",
    "aria-label",
    "placeholder",
    "title",
    "label",
    "aria-placeholder",
    "data-placeholder",
    "data-testid"
  ];
  var longestText2 = 300;
  var hostsMost = 8;
  function createDiscretion(oncePasswords) {
    const isSensitive = (element2) => {
      let at = element2;
      for (let seen = 0; at !== void 0 && seen < hostsMost; seen++) {
        const area = closest(at, '[contenteditable],[role="textbox"],[role="searchbox"],[role="combobox"]');
        if (looksSensitive(at, oncePasswords) || area !== null && area !== at && looksSensitive(area, oncePasswords)) return true;
        at = shadowHostOf(at);
      }
      return false;
    };
    return { isSensitive, typingInto: (element2) => isSensitive(element2) ? "secret" : visibilityOf(element2) };
  }
  function looksSensitive(element2, oncePasswords) {
    if (isPassword(element2)) oncePasswords.add(element2);
    if (oncePasswords.has(element2)) return true;
    const autocomplete = attributeOf(element2, "autocomplete");
    if (autocomplete !== null && isSecretAutocomplete(autocomplete)) return true;
    if (namingAttributes.some((name) => soundsSecret((attributeOf(element2, name) ?? "").slice(0, longestText2)))) return true;
    if (labelTexts(element2, longestText2).some(soundsSecret) || textOfIds(element2, "aria-labelledby", longestText2).some(soundsSecret))
      return true;
    return isMasked(element2);
  }
  function isPassword(element2) {
    return attributeOf(element2, "type")?.toLowerCase() === "password";
  }
  function isMasked(element2) {
    if (!isHtml(element2)) return false;
    const isField = localNameOf(element2) === "input" || localNameOf(element2) === "textarea" || isEditable(element2);
    return isField && getComputedStyle(element2).getPropertyValue("-webkit-text-security") !== "none";
  }
  function visibilityOf(element2) {
    const name = localNameOf(element2);
    if (!isHtml(element2) || ownFocus.has(name) || isEditable(element2) || openShadowOf(element2) !== null) return "told";
    const hasTabIndex = attributeOf(element2, "tabindex") !== null;
    if (name.includes("-") || tabIndexOf(element2) < 0 && !hasTabIndex) return "secret";
    return hasTabIndex && possibleHosts.has(name) ? "masked" : "told";
  }
  var ownFocus = /* @__PURE__ */ new Set(["html", "body", "dialog"]);
  var possibleHosts = /* @__PURE__ */ new Set([
    ...[
      "article",
      "aside",
      "blockquote",
      "div",
      "footer",
      "h1",
      "h2",
      "h3",
      "h4",
      "h5",
      "h6",
      "header",
      "main",
      "nav",
      "p",
      "section",
      "span"
    ]
  ]);

  // packages/monitor/src/page-script/shadows.ts
  var approaches = ["pointerover", "pointerdown", "focusin", "keydown", "wheel"];
  var lookAroundMs = 20;
  var elementsBetweenLooks = 500;
  function watchShadows({ scroll, guard }) {
    let controller;
    const known = /* @__PURE__ */ new WeakSet();
    const adopt = (root) => {
      if (known.has(root)) return false;
      known.add(root);
      const scrolled = (event) => {
        if (event.isTrusted) guard("scroll", () => scroll.scrolled(event));
      };
      controller ??= new AbortController();
      listenTo(root, "scroll", scrolled, { capture: true, passive: true, signal: controller.signal });
      return true;
    };
    const lookAround = (root, untilMs) => {
      let seen = 0;
      for (const element2 of elementsBelow(root)) {
        if (++seen % elementsBetweenLooks === 0 && pageNowMs() > untilMs) return false;
        scroll.note([element2]);
        const shadow = openShadowOf(element2);
        if (shadow !== null && adopt(shadow) && !lookAround(shadow, untilMs)) return false;
      }
      return true;
    };
    return {
      approached: (event) => {
        const path = event.composedPath();
        const isNew = path.filter(isShadowRoot).map(adopt).includes(true);
        if (isNew && event.type !== "wheel") scroll.note(path);
      },
      stop: () => controller?.abort(),
      lookAround: (root) => {
        scroll.note([root]);
        return lookAround(root, pageNowMs() + lookAroundMs);
      }
    };
  }

  // packages/monitor/src/page-script/listen.ts
  function listen(config, memory) {
    const { link } = memory;
    const guard = (where, run2) => {
      try {
        run2();
      } catch (error) {
        link.tell({ kind: "failed", where, error: error instanceof Error ? error.name : "unknown" });
      }
    };
    const scroll = watchScrolling({
      bounds: config.bounds,
      link,
      positions: memory.positions,
      knowsAll: () => memory.known.has(document),
      guard
    });
    const discretion = createDiscretion(memory.oncePasswords);
    const shadows = watchShadows({ scroll, guard });
    const watch = { config, link, discretion, scroll, shadows, selector: void 0, lastClick: void 0 };
    const handlers = handlersOf(watch, guard);
    const addAll = () => {
      for (const [type, handler] of handlers) listenTo(globalThis, type, handler, listening);
      listenTo(globalThis, config.stopEvent, stop, listening);
    };
    const observer = new MutationObserver(addAll);
    const stop = () => {
      for (const [type, handler] of handlers) unlistenTo(globalThis, type, handler, listening);
      unlistenTo(globalThis, config.stopEvent, stop, listening);
      shadows.stop();
      observer.disconnect();
      scroll.cancel();
    };
    if (!memory.known.has(document)) {
      dispatchOn(globalThis, new Event(config.stopEvent));
      guard("start", () => {
        if (!config.scroll || shadows.lookAround(document)) memory.known.add(document);
      });
    }
    observer.observe(document, { childList: true });
    addAll();
    return stop;
  }
  var listening = { capture: true, passive: true };
  function handlersOf(watch, guard) {
    const { config, scroll } = watch;
    const handlers = /* @__PURE__ */ new Map();
    const add = (type, handle) => {
      const before = handlers.get(type);
      handlers.set(type, (event) => {
        if (event.isTrusted) guard(type, () => handle(event));
        before?.(event);
      });
    };
    if (config.scroll) {
      add("scroll", scroll.scrolled);
      for (const type of approaches) add(type, watch.shadows.approached);
    }
    add("pagehide", () => {
      scroll.cancel();
      watch.link.pause();
    });
    if (config.click) for (const type of ["click", "auxclick"]) add(type, (event) => clicked(watch, event));
    if (config.keys !== "none") add("keydown", (event) => pressed(watch, event));
    return handlers;
  }
  function clicked(watch, event) {
    const { config, link, discretion } = watch;
    const element2 = elementOf(event);
    if (element2 === void 0 || !(event instanceof MouseEvent)) return;
    const before = watch.lastClick;
    watch.lastClick = { element: element2, atMs: event.timeStamp };
    if (before?.atMs === event.timeStamp && isLabelled(element2, before.element)) return;
    const { textChars } = config.bounds;
    const text = discretion.isSensitive(element2) ? "" : ownText(element2, textChars);
    const button = buttons[event.button];
    link.tell({
      kind: "click",
      at: unixMs(event.timeStamp),
      x: Math.round(event.clientX),
      y: Math.round(event.clientY),
      selector: selectorFor(watch, element2, event),
      tag: tagOf(element2),
      ...button === void 0 ? {} : { button },
      ...text === "" ? {} : { text },
      ...describe(element2, discretion.isSensitive, textChars)
    });
  }
  function isLabelled(field, clicked2) {
    const label = closest(clicked2, "label");
    return label !== null && labelsOf(field).includes(label);
  }
  function pressed(watch, event) {
    const { config, link, discretion } = watch;
    const element2 = elementOf(event);
    const typing = element2 === void 0 ? "secret" : discretion.typingInto(element2);
    if (element2 === void 0 || !(event instanceof KeyboardEvent) || typing === "secret") return;
    const key2 = keyText(event.key, typing === "masked" ? "printable" : config.keys);
    if (key2 === void 0) return;
    const held = [event.altKey, event.ctrlKey, event.metaKey, event.shiftKey];
    const pressedModifiers = modifiers.filter((_, index) => held[index]);
    link.tell({
      kind: "key",
      at: unixMs(event.timeStamp),
      key: key2,
      selector: selectorFor(watch, element2, event),
      tag: tagOf(element2),
      ...pressedModifiers.length === 0 ? {} : { modifiers: pressedModifiers }
    });
  }
  function elementOf(event) {
    const target = event.composedPath()[0];
    return isElement(target) ? target : void 0;
  }
  function selectorFor(watch, element2, event) {
    const { selector } = watch;
    if (selector?.element === element2 && event.timeStamp < selector.untilMs) return selector.text;
    const text = selectorOf(element2, watch.config.bounds.selectorChars);
    watch.selector = { element: element2, text, untilMs: event.timeStamp + rememberSelectorMs };
    return text;
  }
  var rememberSelectorMs = 1e3;
  function tagOf(element2) {
    return localNameOf(element2).slice(0, 64).toUpperCase();
  }

  // packages/monitor/src/page-script/main.ts
  var key = /* @__PURE__ */ Symbol.for("world");
  function worldOf(config) {
    const known = Reflect.get(globalThis, key);
    if (known !== void 0) return known;
    const { binding, bounds } = config;
    const link = createLink(binding, bounds.waitingMessages);
    const world = {
      memory: { link, positions: /* @__PURE__ */ new WeakMap(), oncePasswords: /* @__PURE__ */ new WeakSet(), known: /* @__PURE__ */ new WeakSet() },
      stop: void 0
    };
    Object.defineProperty(globalThis, key, { value: world });
    return world;
  }
  function run(config) {
    const before = Reflect.get(globalThis, key);
    before?.stop?.();
    if (config === void 0) {
      before?.memory.link.clear();
      return;
    }
    const world = worldOf(config);
    if (readyStateOf(document) === "loading") world.memory.known.add(document);
    world.stop = listen(config, world.memory);
  }
  run(pageScriptConfig);
})();
`
