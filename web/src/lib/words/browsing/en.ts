/** What stands on pages that are loaded when they are opened, in English. */
import type { Forms } from '../../phrase';

export const browsingEn = {
  'board.none': 'Nothing here',
  'board.mine': 'Only mine',
  'board.how':
    'Drag a card to where it may go. By keys: j k h l or arrows to walk, Space to pick up ' +
    'and put down, e for all moves.',
  'board.held':
    '{type} picked up. It may go to: {statuses}. Arrows choose, Space puts it down, Escape ' +
    'leaves it.',
  'board.put': 'Put at “{status}”.',
  'board.left': 'Left where it was.',
} satisfies Record<string, string | Forms>;

/** The same sentences in another language. */
export type BrowsingDictionary = {
  [K in keyof typeof browsingEn]: (typeof browsingEn)[K] extends string ? string : Forms;
};
