/** What the browser does for a passkey: the server's JSON in, the browser's JSON out. */

/** Whether this browser makes passkeys, and reads the server's way to ask for one. */
export function knowsPasskeys(): boolean {
  return (
    typeof PublicKeyCredential !== 'undefined' &&
    typeof PublicKeyCredential.parseCreationOptionsFromJSON === 'function'
  );
}

/** Why the browser made none. */
export class NoPasskey extends Error {
  constructor(readonly why: 'known' | 'cancelled') {
    super(why);
  }
}

/** Has the reader choose where to keep one. */
export async function makePasskey(
  options: PublicKeyCredentialCreationOptionsJSON,
): Promise<unknown> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  try {
    const made = await navigator.credentials.create({ publicKey });
    if (made instanceof PublicKeyCredential) return made.toJSON();
  } catch (error) {
    const isKnown = error instanceof DOMException && error.name === 'InvalidStateError';
    if (isKnown) throw new NoPasskey('known');
    // Cancelled and too late are one, so that a page learns little.
    const isOver = error instanceof DOMException && error.name === 'NotAllowedError';
    if (!isOver) throw error;
  }
  throw new NoPasskey('cancelled');
}
