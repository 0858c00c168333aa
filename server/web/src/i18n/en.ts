/** English: the dictionary that the others must match. Verbs on buttons, no "successfully", plain sentences. */
export const en = {
  connection: { ended: 'Your session has ended. Sign in again.' },
  undo: {
    skipped: (n: number) => `${n} ${n === 1 ? 'record was' : 'records were'} left alone: somebody else changed ${n === 1 ? 'it' : 'them'} since`,
  },
};
