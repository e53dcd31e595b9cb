// Whether the words around a field say that what is typed into it is a secret. Pure; knows no DOM.
// Follows the list of monitor.md, widened: a word too many costs one event, a word too few somebody's password.

/** Values of `autocomplete` for secrets. https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#autofill-field */
const secretTokens: ReadonlySet<string> = new Set([
  'current-password',
  'new-password',
  'one-time-code',
  'cc-name',
  'cc-given-name',
  'cc-additional-name',
  'cc-family-name',
  'cc-number',
  'cc-exp',
  'cc-exp-month',
  'cc-exp-year',
  'cc-csc',
  'cc-type',
  'transaction-amount',
  'ssn',
  'passport',
  'drivers-license',
])

// Found anywhere in the letters of a name, spaces and signs left out: `userPassword`, `card-number`, `taxid`.
const fragments =
  /passw|passwd|passphrase|passcode|secret|passport|cardn(umber|o|um)|creditcard|debitcard|accountn(umber|o|um)|socialsecurity|taxid|nationalid|natlid|onetimecode|verificationcode|securitycode|authcode|authenticationcode|recoverycode|apikey|accesskey|privatekey|driverslicen[cs]e|passwort|kennwort|contrasen|motdepasse|wachtwoord|senha|parola/

// Whole words, or the beginning or end of one: `cvv`, `cardCvv`, `cvv2`, `user_pin`. Too short to be looked for anywhere.
const words =
  /\bcvv|cvv\d?\b|\bcvc|cvc\d?\b|\b(csc|cvn|cid)\b|\bssn|ssn\b|\bpin ?(code|number|no|num)?\b|pin\b|\bpwd|pwd\b|\bpass\b|\bpw\b|\b[t2]?otp\b|\b(2fa|mfa|iban|tan)\b|\bcc ?(num|no|nr|exp)/

// The same in scripts without the letters a to z.
const otherScripts = /парол|密码|密碼|口令|パスワード|暗証|비밀번호|كلمة (ال)?(مرور|سر)|סיסמ|รหัสผ่าน|पासवर्ड/i

/** Nothing but dots or asterisks: the placeholder of a field that hides what is in it. */
const dots = /^[\s•●⚫∗*·]{4,}$/

/** Whether a name, a label or a placeholder is that of a secret. */
export function soundsSecret(text: string): boolean {
  if (text === '') return false
  if (dots.test(text) || otherScripts.test(text)) return true
  const plain = plainWords(text)
  return fragments.test(plain.replaceAll(' ', '')) || words.test(plain)
}

/** Whether an `autocomplete` attribute names a secret; it is a list of tokens such as `section-a billing cc-number`. */
export function isSecretAutocomplete(value: string): boolean {
  return value
    .toLowerCase()
    .split(/\s+/)
    .some((token) => secretTokens.has(token))
}

// `cardNumber`, `card_number` and `Card  Number:` are all `card number`; accents go.
function plainWords(text: string): string {
  return text
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .replace(/[^a-z\d]+/g, ' ')
    .trim()
}
