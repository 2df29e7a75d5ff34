const ALPHABETS = {
  base36: '0123456789abcdefghijklmnopqrstuvwxyz',
  base62: '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
};

/** `length` random characters, each equally likely. */
export function randomText(length: number, alphabet: keyof typeof ALPHABETS): string {
  const letters = ALPHABETS[alphabet];
  // Bytes beyond the largest multiple would make some characters likelier.
  const limit = 256 - (256 % letters.length);
  const text: string[] = [];
  while (text.length < length)
    for (const byte of crypto.getRandomValues(new Uint8Array(64)))
      if (byte < limit && text.length < length) text.push(letters[byte % letters.length]!);
  return text.join('');
}

/** A fresh id: a prefix and 24 characters, 124 random bits. */
export function newId(prefix: 'prt' | 'acc' | 'key' | 'whk' | 'msg' | 'dlv' | 'aud'): string {
  return `${prefix}_${randomText(24, 'base36')}`;
}
