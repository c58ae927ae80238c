/** The name of a class and the package before it. Pure. */

/** Without spaces, up to the last dot, colon or slash: a sentence has no package. */
const QUALIFIED = /^(\S*(?:\.|::|\\|\/))([^\s.:\\/]+)$/;

export function nameParts(type: string): { from: string; name: string } {
  const [, from = '', name = type] = QUALIFIED.exec(type) ?? [];
  return { from, name };
}

/** Where a long name may break: behind its dots, and before the words it is made of. */
export function breakable(type: string): string[] {
  return type.split(/(?<=[.:\\/_])(?=[^.:\\/_])|(?<=[a-z])(?=[A-Z])/);
}
