/** Whether the sheet of keys is open: the `?` key and a button both ask for it. */
export const help = $state({ open: false });
