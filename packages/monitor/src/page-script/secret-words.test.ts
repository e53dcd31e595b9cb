import { expect, test } from 'vitest'
import { isSecretAutocomplete, soundsSecret } from './secret-words.ts'

test.each([
  ...[
    'password',
    'Password',
    'userPassword',
    'user_password',
    'passwd',
    'login[passwd]',
    'PASSWORT',
    'Passphrase',
    'passcode',
    'pwd',
    'newPwd',
    'pw',
  ],
  ...['secret', 'client_secret', 'mysecretfield', 'API key', 'apikey', 'private-key'],
  ...['cvv', 'CVV2', 'cardCvv', 'cvvCode', 'cvc', 'card-cvc', 'CSC', 'security code', 'Security Code (CVV)'],
  ...[
    'ssn',
    'userSsn',
    'SSN (last 4)',
    'social security number',
    'tax id',
    'taxId',
    'tax_id_number',
    'national ID',
    'passport no.',
    'passportNumber',
  ],
  ...['card number', 'cardNumber', 'card-number', 'cc-num', 'ccnumber', 'Credit card', 'cardno', 'account number', 'accountNumber', 'IBAN'],
  ...[
    'pin',
    'PIN',
    'user_pin',
    'userPin',
    'pin code',
    'Enter your PIN:',
    'debit card pin',
    'otp',
    'one-time code',
    '2fa',
    'verification code',
  ],
  ...['contraseña', 'Mot de passe', 'senha', 'Пароль', '密码', 'パスワード', '비밀번호'],
  ...['••••••••', '********'],
])('%s is about a secret', (text) => {
  expect(soundsSecret(text)).toBe(true)
})

test.each([
  ...[
    '',
    'name',
    'email',
    'search',
    'q',
    'username',
    'first name',
    'address',
    'city',
    'message',
    'comment',
    'phone',
    'zip code',
    'country',
  ],
  ...[
    'className',
    'classname',
    'passenger',
    'compass',
    'bypass',
    'passive',
    'pinterest',
    'shipping',
    'mapping',
    'opinion',
    'pinned',
    'spinner',
  ],
  ...[
    'card',
    'business card',
    'scoreboard',
    'dashboard',
    'discount',
    'account',
    'tax',
    'identity',
    'coupon code',
    'promo',
    'quantity',
    '***',
    'tango',
  ],
])('%s is not', (text) => {
  expect(soundsSecret(text)).toBe(false)
})

test.each([
  ['current-password', true],
  ['section-a billing cc-number', true],
  ['CC-CSC', true],
  ['one-time-code webauthn', true],
  ['username', false],
  ['off', false],
  ['email', false],
])('autocomplete=%s: %s', (value, isSecret) => {
  expect(isSecretAutocomplete(value)).toBe(isSecret)
})
